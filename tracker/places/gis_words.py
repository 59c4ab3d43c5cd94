"""Knows how the office is told, in words, what gis found wrong with a file or with one boundary."""

from gis.errors import GisError
from tracker.errors import Invalid
from tracker.texts import N_

#: What stops a whole file, by the stable code of gis.errors.
FILE_FAULTS: dict[str, str] = {
    "needs_coord_sys": N_("文件没有说明坐标系，请选择（如 WGS-84、GCJ-02、EPSG:4547）后重试。"),
    "unknown_coord_sys": N_("不认识的坐标系。可用 wgs84、gcj02、bd09、cgcs2000 或 EPSG:编号。"),
    "unsupported_format": N_(
        "不支持这种文件。可用 .shp、.zip（内含一个 shapefile）、.gpkg、.geojson、.json、.csv、.xlsx。"
    ),
    "not_one_shapefile": N_("压缩包内必须恰好有一个 shapefile，请只打包一个图层。"),
    "not_one_layer": N_("文件内必须恰好有一个图层，请只保留要导入的图层。"),
    "wrong_content": N_("文件内容与扩展名不符，请从原软件重新导出。"),
    "wrong_encoding": N_("文字编码不对，请指明编码（如 utf-8 或 gb18030）后重试。"),
    "broken_file": N_("文件已损坏或不完整（shapefile 须连同 .shx、.dbf 一起打包），请重新导出。"),
    "bad_json": N_("文件不是完整的 JSON，请重新导出。"),
    "not_geojson": N_("文件是 JSON，但不是 GeoJSON 要素集合。"),
    "bad_csv": N_("CSV 文件格式有误，请检查引号和分隔符。"),
    "bad_zip": N_("压缩包打不开，请重新打包为普通的 zip。"),
    "encrypted": N_("压缩包有密码，请去掉密码后重试。"),
    "path_escapes": N_("压缩包内有指向包外的路径，已拒绝。"),
    "unsafe_archive": N_("压缩包不安全，已拒绝。"),
    "too_many_members": N_("压缩包内文件太多，请只打包一个图层。"),
    "unpacks_to_too_much": N_("压缩包解开后过大，已拒绝。"),
    "file_too_large": N_("文件过大，请按镇街分开导入。"),
    "too_many_features": N_("文件中的要素过多，请按镇街分开导入。"),
    "too_large": N_("文件过大，请按镇街分开导入。"),
    "needs_too_much": N_("读取这个文件所需的内存过大，请简化边界或分开导入。"),
    "took_too_long": N_("读取这个文件用时过长，请简化边界或分开导入。"),
    "no_geometry": N_("文件中没有边界图形。"),
    "no_wkt_column": N_("CSV 文件中没有边界（wkt）列。"),
    "unreadable_file": N_("文件无法读取，请重新导出。"),
}

#: What is wrong with one boundary, by the code of gis.problems.
BOUNDARY_FAULTS: dict[str, str] = {
    "repaired": N_("边界自相交，已自动修复，请在图上核对"),
    "empty": N_("没有边界图形"),
    "not_polygon": N_("图形不是面（点和线不能作为边界）"),
    "not_finite": N_("坐标不是有效数字"),
    "zero_area": N_("边界面积为零"),
    "outside_world": N_("坐标超出经纬度范围，坐标系可能选错了"),
    "unreadable_geometry": N_("边界图形无法读取"),
}

#: How areas fail to fit together, by the code of gis.topology.
MISFITS: dict[str, str] = {
    "gap": N_("空隙"),
    "overlap": N_("重叠"),
    "outside_parent": N_("超出上级"),
}


def refusal(error: GisError) -> Invalid:
    """The refusal of a whole file, in words that say how to mend it."""
    return Invalid(FILE_FAULTS.get(error.code, FILE_FAULTS["unreadable_file"]), field="file")
