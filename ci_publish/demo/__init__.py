"""The whole main job on a sample image and the embedded registry."""

from ci_publish.demo.run import DemoResult, run_demo

__all__ = ["DemoResult", "run_demo"]
