"""Image, tag plan and registry → publication: the plan, the upload, the order of tags."""
