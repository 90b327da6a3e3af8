"""References to images in files, pinned to the digests of the record."""

from ci_publish.pins.apply import apply_pins
from ci_publish.pins.diff import unified_diff
from ci_publish.pins.formats import FORMATS, find_sites
from ci_publish.pins.plan import NOT_RECORDED, Edit, PinPlan, Skip, plan_pins, plan_unpins
from ci_publish.pins.walk import pinnable_files

__all__ = [
    "FORMATS",
    "NOT_RECORDED",
    "Edit",
    "PinPlan",
    "Skip",
    "apply_pins",
    "find_sites",
    "pinnable_files",
    "plan_pins",
    "plan_unpins",
    "unified_diff",
]
