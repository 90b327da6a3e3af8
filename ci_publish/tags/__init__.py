"""From rules and an event to a `TagPlan`: the tag language of docker/metadata-action."""

from ci_publish.tags.images import image_names, parse_images
from ci_publish.tags.planner import TagInputs, explicit_plan, make_plan
from ci_publish.tags.tag_plan import Skip, Tag, TagPlan

__all__ = ["Skip", "Tag", "TagInputs", "TagPlan", "explicit_plan", "image_names", "make_plan", "parse_images"]
