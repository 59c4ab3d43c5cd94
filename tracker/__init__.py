"""网格督办 Civic Grid Tracker: log, dispatch, rectify and verify problems on the grid."""

__version__ = "0.1.0"
