"""The demo: every step of a publication on this machine, each one checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ci_publish.demo.comparison import compare_content
from ci_publish.demo.sample import write_sample
from ci_publish.errors import UsageError
from ci_publish.event import RefEvent
from ci_publish.oci import Reference, Repository
from ci_publish.pins import apply_pins, plan_pins
from ci_publish.publish.options import PushOptions
from ci_publish.publish.plan import Target, plan_pushes
from ci_publish.publish.progress import Progress
from ci_publish.publish.publication import Provenance
from ci_publish.publish.push import PushResult, push
from ci_publish.record import DEFAULT_NAME, Record, update_record
from ci_publish.registry import Settings, connect, fetch_image
from ci_publish.server import EmbeddedRegistry
from ci_publish.sinks import write_archive
from ci_publish.sources import open_source
from ci_publish.tags import TagInputs, make_plan

_RULES = """\
type=semver,pattern={{version}}
type=semver,pattern={{major}}.{{minor}}
type=ref,event=branch
type=ref,event=pr
type=sha
"""

_DEPLOYMENT = """\
# what runs in the cluster; the demo pins the image below
apiVersion: apps/v1
kind: Deployment
metadata:
  name: demo
spec:
  selector:
    matchLabels: {{app: demo}}
  template:
    metadata:
      labels: {{app: demo}}
    spec:
      containers:
        - name: app
          image: "{image}"   # keeps its quotes and this comment
"""

_DOCKERFILE = """\
# an image that builds on the one just published
FROM {image} AS base
COPY --from=base /etc/os-release /etc/os-release
"""


@dataclass(frozen=True, slots=True)
class DemoResult:
    """What the demo did, all of it checked.

    Args:
        push: the publication, and what it took.
        record: the digest record.
        pinned: the files whose references now have the digest.
        pulled: the archive that was pulled back by digest.
        compared: bytes of plain layers that were compared with the sample's.
    """

    push: PushResult
    record: Path
    pinned: tuple[Path, ...]
    pulled: Path
    compared: int


def run_demo(
    folder: Path, event: RefEvent, *, port: int, settings: Settings, progress: Progress, say: Callable[[str], None]
) -> DemoResult:
    """Build a sample image, push it to the embedded registry, record, pin, pull it back by digest and compare.

    Args:
        folder: where everything is kept, so that the next run finds the layers in the registry.
        event: what decides the tags.
        port: of the registry; another one is taken when it is not free.
        settings: how to speak to the registry.
        progress: watches the push.
        say: told each step before it is done.

    Raises:
        CiPublishError: a step failed, or something is not as it should be.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _running_registry(folder / "registry", port) as address:
        say(f"1. embedded registry at {address}, kept in {folder / 'registry'}")
        repository = Repository.parse(f"{address}/demo/app")
        archive = folder / "sample.tar"
        say(f"2. sample image as docker save writes it: {archive}")
        write_sample(archive, "demo/app:local")
        result = _publish(archive, repository, event, settings=settings, progress=progress, say=say)
        record_path = folder / DEFAULT_NAME
        say(f"5. record of its digest: {record_path}")
        record = update_record(record_path, [result.publication])
        pinned = _pin(folder, result, record)
        say(f"6. pinned to the digest: {', '.join(map(str, pinned))}")
        pulled = folder / "pulled.tar"
        say(f"7. pull by digest, and compare every byte: {pulled}")
        _pull(result, pulled, settings)
    return DemoResult(result, record_path, pinned, pulled, compare_content(archive, pulled))


@contextmanager
def _running_registry(storage: Path, port: int) -> Iterator[str]:
    registry = EmbeddedRegistry(storage=storage, port=port)
    try:
        registry.start()
    except UsageError:
        # somebody else has the port; without the folder nothing helps, and this fails again
        registry = EmbeddedRegistry(storage=storage)
        registry.start()
    try:
        yield registry.address
    finally:
        registry.stop()


def _publish(
    archive: Path,
    repository: Repository,
    event: RefEvent,
    *,
    settings: Settings,
    progress: Progress,
    say: Callable[[str], None],
) -> PushResult:
    plan = make_plan(TagInputs(images=str(repository), tags=_RULES), event)
    say(f"3. tags for {event.described}: {', '.join(tag.name for tag in plan.tags)}")
    say("4. push")
    with (
        open_source(archive) as source,
        connect(repository.registry, settings=settings, credentials=None, push_to=plan.images) as registry,
    ):
        targets = [Target(registry, image) for image in plan.images]
        pushes = plan_pushes(source.image, plan.tags, targets, options=PushOptions(), note=say)
        provenance = Provenance(time=event.now, commit=event.sha, ref=event.ref)
        return push(pushes, plan, provenance=provenance, progress=progress)[0]


def _pin(folder: Path, result: PushResult, record: Record) -> tuple[Path, ...]:
    publication = result.publication
    image = f"{publication.repository}:{publication.tags[0].name}"
    files = {folder / "deployment.yaml": _DEPLOYMENT, folder / "Dockerfile": _DOCKERFILE}
    for path, text in files.items():
        path.write_text(text.format(image=image), encoding="utf-8")
    return apply_pins(plan_pins(files, record))


def _pull(result: PushResult, path: Path, settings: Settings) -> None:
    publication = result.publication
    reference = Reference(publication.repository, digest=publication.digest)
    with connect(publication.repository.registry, settings=settings, credentials=None) as registry:
        write_archive(fetch_image(registry, reference), path)
