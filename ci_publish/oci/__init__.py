"""The values of the field: digests, references, descriptors, manifests and images."""

from ci_publish.oci.config import ImageConfig
from ci_publish.oci.descriptor import Descriptor
from ci_publish.oci.digest import Digest
from ci_publish.oci.image import Blob, Image
from ci_publish.oci.manifest import ImageManifest, Index, parse_manifest
from ci_publish.oci.platform import Platform
from ci_publish.oci.reference import Reference, Repository

__all__ = [
    "Blob",
    "Descriptor",
    "Digest",
    "Image",
    "ImageConfig",
    "ImageManifest",
    "Index",
    "Platform",
    "Reference",
    "Repository",
    "parse_manifest",
]
