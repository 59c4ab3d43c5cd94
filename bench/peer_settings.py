"""Writes the settings of the peers that read them from a file."""

from collections.abc import Mapping
from pathlib import Path

_PYGEOAPI = """\
server:
  bind: {{host: 127.0.0.1, port: {port}}}
  url: http://127.0.0.1:{port}
  mimetype: application/json; charset=UTF-8
  encoding: utf-8
  language: en-US
  limits: {{default_items: 10, max_items: 10000}}
  map: {{url: 'http://127.0.0.1/{{z}}/{{x}}/{{y}}.png', attribution: none}}
logging: {{level: ERROR}}
metadata:
  identification: {{title: bench, description: bench, keywords: [bench], keywords_type: theme, terms_of_service: none, url: 'http://127.0.0.1'}}
  license: {{name: none, url: 'http://127.0.0.1'}}
  provider: {{name: bench, url: 'http://127.0.0.1'}}
  contact: {{name: bench}}
resources:
  tasks:
    type: collection
    title: tasks
    description: tasks
    keywords: [tasks]
    links: []
    extents: {{spatial: {{bbox: [-180, -90, 180, 90], crs: 'http://www.opengis.net/def/crs/OGC/1.3/CRS84'}}}}
    providers:
      - type: feature
        name: PostgreSQL
        data: {{host: '{host}', port: {database_port}, dbname: '{dbname}', user: '{user}', password: '', search_path: [public]}}
        id_field: id
        table: tasks
        geom_field: geom
"""

_MAP = """\
MAP
  NAME "bench"
  EXTENT -20037508 -20037508 20037508 20037508
  SIZE 256 256
  UNITS METERS
  PROJECTION "init=epsg:3857" END
  IMAGETYPE "mvt"
  OUTPUTFORMAT
    NAME "mvt" DRIVER "MVT" MIMETYPE "application/vnd.mapbox-vector-tile" IMAGEMODE FEATURE EXTENSION "pbf"
    FORMATOPTION "EXTENT=4096" FORMATOPTION "EDGE_BUFFER=0"
  END
  WEB
    METADATA
      "ows_title" "bench" "ows_enable_request" "*" "ows_srs" "EPSG:4326 EPSG:3857"
      "ows_onlineresource" "http://127.0.0.1:{port}/mapserv/bench" "oga_onlineresource" "http://127.0.0.1:{port}/mapserv/bench/ogcapi"
    END
  END
  LAYER
    NAME "tasks" TYPE POINT STATUS ON
    CONNECTIONTYPE POSTGIS
    CONNECTION "host={host} port={database_port} dbname={dbname} user={user}"
    PROCESSING "CLOSE_CONNECTION=DEFER"
    DATA "geom FROM tasks USING UNIQUE id USING SRID=4326"
    EXTENT -180 -85 180 85
    PROJECTION "init=epsg:4326" END
    TEMPLATE "none"
    METADATA "ows_title" "tasks" "ows_include_items" "all" "gml_include_items" "all" "gml_featureid" "id" END
    CLASS END
  END
END
"""

_CONFIG = """\
CONFIG
  ENV
    MS_MAP_PATTERN "."
  END
  MAPS
    bench "{folder}/bench.map"
  END
END
"""

_LIGHTTPD = """\
server.modules = ("mod_fastcgi")
server.document-root = "{folder}"
server.bind = "127.0.0.1"
server.port = {port}
server.errorlog = "{folder}/lighttpd.log"
server.max-keep-alive-requests = 100000
fastcgi.server = ("/mapserv" => ((
  "bin-path" => "{cgi}", "socket" => "{folder}/mapserv.socket", "max-procs" => {workers}, "check-local" => "disable",
  "bin-environment" => ("MAPSERVER_CONFIG_FILE" => "{folder}/mapserver.conf")
)))
"""


def pygeoapi_file(folder: Path, parts: Mapping[str, str], port: int) -> Path:
    """The settings of pygeoapi for the tasks of a database (host, port, dbname, user)."""
    made = folder / "pygeoapi.yml"
    made.write_text(_PYGEOAPI.format(port=port, **_database(parts)), encoding="utf-8")
    return made


def mapserver_files(
    folder: Path, parts: Mapping[str, str], port: int, cgi: Path, workers: str
) -> Path:
    """The settings of MapServer beside those of lighttpd, which are returned."""
    values = {"folder": folder, "port": port, "cgi": cgi, "workers": workers, **_database(parts)}
    for name, text in (("bench.map", _MAP), ("mapserver.conf", _CONFIG), ("lighttpd.conf", _LIGHTTPD)):  # fmt: skip
        (folder / name).write_text(text.format(**values), encoding="utf-8")
    return folder / "lighttpd.conf"


def _database(parts: Mapping[str, str]) -> dict[str, str]:
    names = {"host": "host", "database_port": "port", "dbname": "dbname", "user": "user"}
    return {name: parts[given] for name, given in names.items()}
