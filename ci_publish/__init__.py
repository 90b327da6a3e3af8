"""Publish container images from CI: tags, push, digest record and pins in one step."""
