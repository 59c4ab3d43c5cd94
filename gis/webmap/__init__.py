"""The only users of Folium: whole map pages from local files, their data fetched by URL and never embedded."""
