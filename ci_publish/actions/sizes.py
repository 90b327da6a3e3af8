"""Numbers of bytes, written for people."""

from __future__ import annotations

_UNITS = ("B", "kB", "MB", "GB", "TB")


def format_size(count: int) -> str:
    """The number of bytes in decimal units with three figures, as registries show them: `12.3 MB`."""
    size = float(count)
    unit = 0
    # 999.5 would be written as 1000
    while size >= 999.5 and unit < len(_UNITS) - 1:
        size /= 1000
        unit += 1
    if unit == 0:
        return f"{count} B"
    digits = 2 if size < 9.995 else 1 if size < 99.95 else 0
    return f"{size:.{digits}f} {_UNITS[unit]}"
