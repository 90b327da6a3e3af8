import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ci_publish.errors import UsageError
from ci_publish.event import RefEvent
from ci_publish.oci import Reference, Repository
from ci_publish.tags import Tag, TagInputs, explicit_plan, make_plan
from tests.support.events import an_event

EVENTS = st.builds(
    lambda kind, ref, sha: an_event(kind=kind, ref=ref, sha=sha),
    st.sampled_from(["push", "schedule", "pull_request", "merge_group", ""]),
    st.sampled_from(["refs/heads/", "refs/tags/", "refs/pull/"]).flatmap(
        lambda kind: st.sampled_from(["main", "v1.2.3", "v1.2.3-rc.1", "7/merge", "é", ""]).map(kind.__add__)
    ),
    st.sampled_from(["", "860c1904a1ce19322e91ac35af1ab07466440c37"]),
)
RULES = st.lists(
    st.sampled_from(
        [
            "type=schedule", "type=edge", "type=ref,event=branch", "type=ref,event=tag", "type=ref,event=pr",
            "type=semver,pattern={{version}}", "type=semver,pattern={{major}}", "type=pep440,pattern={{raw}}",
            "type=sha", "type=match,pattern=v(.*),group=1", "type=raw,value=,prefix={{tag}}", "latest",
            "{{branch}}", "x-{{sha}}", "a/b", "a-b",
        ]
    ),
    max_size=6,
)  # fmt: skip
FLAVORS = st.sampled_from(["", "latest=true", "latest=false", "prefix=p-,onlatest=true", "suffix=-{{branch}}"])


@given(event=EVENTS, rules=RULES, flavor=FLAVORS)
def test_a_plan_has_each_tag_once_and_accounts_for_each_rule(event: RefEvent, rules: list[str], flavor: str) -> None:
    with contextlib.suppress(UsageError):
        plan = make_plan(TagInputs(images="ghcr.io/acme/widget", tags="\n".join(rules), flavor=flavor), event)
        names = [tag.name for tag in plan.tags]
        assert len(set(names)) == len(names)
        assert [str(Reference.parse(reference)) for reference in plan.references()] == list(plan.references())
        accounted = [*(tag.rule for tag in plan.tags), *(skip.rule for skip in plan.skips)]
        by_rules = [rule for rule in accounted if not rule.startswith("flavor")]
        assert not rules or sorted(by_rules) == sorted(rules)
        assert all(skip.reason for skip in plan.skips)
        assert plan.version == (names[0] if names else "")


def test_every_image_gets_every_tag() -> None:
    plan = make_plan(TagInputs(images="acme/Widget\nlocalhost:5000/x", tags="a\nb"), an_event())
    assert plan.references() == ("acme/widget:a", "acme/widget:b", "localhost:5000/x:a", "localhost:5000/x:b")
    assert plan.images[0] == Repository("docker.io", "acme/widget")
    assert "acme/Widget is written in lower case, as registries want it" in plan.notices


@pytest.mark.parametrize("images", ["", "name=a/b,enable=false"])
def test_without_images_the_references_are_bare_tags(images: str) -> None:
    assert make_plan(TagInputs(images=images, tags="a"), an_event()).references() == ("a",)


def test_a_tag_that_one_rule_moves_and_one_does_not_is_moving() -> None:
    rules = "type=pep440,pattern={{version}}\ntype=pep440,pattern={{major}}.{{minor}}"
    plan = make_plan(TagInputs(tags=rules, flavor="latest=false"), an_event(ref="refs/tags/1.0"))
    assert plan.tags == (Tag("1.0", "type=pep440,pattern={{version}}", moving=True),)


def test_labels_and_annotations_differ_in_what_is_added() -> None:
    inputs = TagInputs(tags="a", labels="l={{branch}}", annotations="n=1", annotation_levels=("index",))
    plan = make_plan(inputs, an_event())
    assert (plan.labels["l"], plan.annotations["n"], plan.annotation_levels) == ("main", "1", ("index",))
    assert "n" not in plan.labels
    assert plan.labels["org.opencontainers.image.version"] == "a"


def test_without_a_tag_there_is_no_version_and_it_is_said() -> None:
    plan = make_plan(TagInputs(tags="type=schedule"), an_event())
    assert (plan.version, plan.tags, plan.references()) == ("", (), ())
    assert plan.notices == ("no rule gives a tag for push of refs/heads/main",)


def test_what_changes_nothing_is_said() -> None:
    inputs = TagInputs(tags="type=sha,fromat=long\ntype=semver,pattern={{version}},value=v1.2.3,match=x(.*)")
    notices = "\n".join(make_plan(inputs, an_event()).notices)
    assert "fromat= is unknown" in notices
    assert "match=x(.*) does not match" in notices


def test_an_unknown_commit_date_is_said_where_it_matters() -> None:
    event = an_event(commit_date=None)
    dated = make_plan(TagInputs(tags="{{commit_date 'YYYY'}}"), event)
    assert (dated.version, len(dated.notices)) == ("2026", 1)
    assert make_plan(TagInputs(tags="a"), event).notices == ()


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        (TagInputs(tags="a,enable=maybe"), "rule 'a,enable=maybe': enable is 'maybe'"),
        (TagInputs(tags="type=raw,value={{x 1}}"), "rule 'type=raw,value={{x 1}}': template"),
        (TagInputs(tags="type=sha,prefix={{tag}}-"), "gives '-860c190', which is not a tag"),
        (TagInputs(tags="a", flavor="latest=true\nprefix=.,onlatest=true"), "is not a tag"),
        (TagInputs(tags="a", images="a b"), "not the name of a repository"),
        (TagInputs(tags="a", labels="x={{#if}}"), "template"),
        (TagInputs(tags="type=match,pattern=(,value=v"), "rule 'type=match,pattern=(,value=v': '(' is not"),
    ],
)
def test_what_is_wrong_is_refused_and_named(inputs: TagInputs, reason: str) -> None:
    with pytest.raises(UsageError) as caught:
        make_plan(inputs, an_event())
    assert reason in caught.value.message


def test_tags_given_by_name() -> None:
    repository = Repository.parse("ghcr.io/acme/widget")
    plan = explicit_plan([repository], ["1.2.3", "latest", "1.2.3"], an_event())
    assert plan.references() == ("ghcr.io/acme/widget:1.2.3", "ghcr.io/acme/widget:latest")
    assert [tag.moving for tag in plan.tags] == [False, True]
    assert (plan.version, plan.labels["org.opencontainers.image.version"]) == ("1.2.3", "1.2.3")


def test_a_name_that_is_no_tag_is_refused() -> None:
    with pytest.raises(UsageError, match="'a/b' is not a tag"):
        explicit_plan([], ["a/b"], an_event())
