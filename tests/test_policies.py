"""Policies: what a file may say, what is refused, and what the version tells."""

import pickle
from dataclasses import fields, replace

import pytest

from planner import errors, policies
from planner.policies import Form, OsClass, Policy, RawBytes, SenderType, WireBytes
from tests import sources


def write(tmp_path, text: str):
    path = tmp_path / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return path


# Sizes.


@pytest.mark.parametrize(
    ("raw", "wire"), [(0, 814), (1, 816), (100, 951), (101, 953), (1_000_000, 1_370_814)]
)
def test_the_wire_size_is_the_seeds_estimate_rounded_up(raw, wire):
    assert policies.wire_size(RawBytes(raw)) == wire


@pytest.mark.parametrize(("wire", "raw"), [(951, 100), (950, 99), (814, 0), (813, -1), (0, -595)])
def test_the_room_is_what_fits_below_a_limit(wire, raw):
    assert policies.raw_room(WireBytes(wire)) == raw


# Senders.


@pytest.mark.parametrize(
    ("sender", "kind"),
    [
        ("61234", SenderType.SHORT_CODE),
        ("612345", SenderType.SHORT_CODE),
        *((f"1{prefix}5550100", SenderType.TOLL_FREE) for prefix in (800, 833, 844, 855, 866, 877, 888)),
        ("8885550100", SenderType.TOLL_FREE),
        ("+1 (888) 555-0100", SenderType.TOLL_FREE),
        ("15555550100", SenderType.TEN_DLC),
        ("5555550100", SenderType.TEN_DLC),
        ("18225550100", SenderType.TEN_DLC),
        ("88855501000", SenderType.TEN_DLC),
        ("448005550100", SenderType.TEN_DLC),
        ("1888555010", SenderType.TEN_DLC),
        ("", None),
        (None, None),
        ("Shop", None),
    ],
)
def test_the_kind_of_a_sender_is_read_from_its_digits(sender, kind):
    assert policies.sender_type(sender) is kind


# Defaults and tables.


def test_the_default_is_the_seeds_rule():
    table = {(c.value, k): Policy().form(c, k).value for c in OsClass for k in policies.RULE_KINDS}
    attached = {cell for cell, form in table.items() if form == "attachment"}
    assert attached == {
        ("ios", "contact"),
        ("ios", "calendar"),
        ("ios", "pdf"),
        ("android", "contact"),
        ("unknown", "contact"),
    }
    assert len(table) == 12


@pytest.mark.parametrize("os_class", OsClass)
def test_excel_is_treated_as_pdf(os_class):
    policy = Policy(rule=((OsClass.OTHER, "pdf", Form.ATTACHMENT),), values=(("pdf", 7),))
    assert policy.form(os_class, "excel") is policy.form(os_class, "pdf")
    assert policy.value("excel") == policy.value("pdf") == 7


def test_a_policy_differs_from_the_seed_where_its_cell_does():
    policy = Policy(rule=((OsClass.IOS, "pdf", Form.LINK), (OsClass.OTHER, "contact", Form.LINK)))
    differing = {(c, k) for c in OsClass for k in policies.RULE_KINDS if policy.differs_from_seed(c, k)}
    assert differing == {(OsClass.IOS, "pdf")}


@pytest.mark.parametrize(
    ("transcoding", "image", "gif", "video"),
    [
        ("on", 3_072_000, 1_048_576, 51_200_000),
        ("images", 3_072_000, 1_048_576, 1_024_000),
        ("off", 1_024_000, 1_024_000, 1_024_000),
    ],
)
def test_the_largest_source_files_follow_what_the_account_transcodes(transcoding, image, gif, video):
    policy = Policy(transcoding=transcoding)
    assert [policy.file_limit(kind) for kind in ("image", "gif", "video")] == [image, gif, video]
    assert policy.file_limit("contact") == policy.file_limit("excel") == 2_097_152
    assert replace(policy, file_bytes_max=(("gif", 5),)).file_limit("gif") == 5


# Files.


def test_the_file_that_ships_is_the_default_written_out():
    assert Policy.from_file(sources.ROOT / "data" / "policy.toml") == Policy()


def test_what_a_file_leaves_out_has_its_default(tmp_path):
    assert Policy.from_file(write(tmp_path, "")) == Policy()


def test_a_file_can_set_everything(tmp_path):
    text = """
        name = "strict"
        evidence = "device"
        evidence_max_age_days = 90
        conflict_days = 7
        links = "own"
        link_host = "https://m.example.com"
        link_length = 40
        sms_route = "sms_api"
        [objects.ios]
        pdf = "link"
        [objects.unknown]
        contact = "link"
        [values]
        pdf = 9
        [size]
        tight_fit_share = 0.1
        image_floor_bytes = 1
        image_floor_pixels = 2
        image_floor_bytes_per_pixel = 0.5
        video_floor_bytes_per_second = 3
        audio_floor_bytes_per_second = 4
        [account]
        sender = "61234"
        transcoding = "images"
        message_raw_bytes_max = 600_000
        service_id_required = true
        webp = true
        excel = true
        [file_bytes_max]
        video = 5
    """
    policy = Policy.from_file(write(tmp_path, text))
    default = Policy()
    same = {f.name for f in fields(Policy) if getattr(policy, f.name) == getattr(default, f.name)}
    assert same == set()
    assert policy.form(OsClass.IOS, "pdf") is policy.form(OsClass.UNKNOWN, "contact") is Form.LINK
    assert policy.form(OsClass.IOS, "contact") is Form.ATTACHMENT
    assert (policy.value("pdf"), policy.value("contact"), policy.file_limit("video")) == (9, 3, 5)


def test_the_test_above_knows_every_setting():
    known = {key for keys in policies.SECTIONS.values() for key in keys} | {
        "rule",
        "values",
        "file_bytes_max",
    }
    assert known == {f.name for f in fields(Policy)} - {"version"}


WRONG = """
name = 5
evidence = "guess"
evidence_max_age_days = -1
conflict_days = 1.5
link_length = 10
link_host = "not a host"
links = ["own"]
colour = "red"
tight_fit_share = 0.1
[objects.ios]
pdf = "maybe"
fax = "link"
contact = ["link"]
[objects.windows]
pdf = "link"
[objects]
android = "link"
[values]
pdf = -1
fax = 3
[size]
tight_fit_share = 1.5
image_floor_bytes = true
image_floor_bytes_per_pixel = nan
[account]
transcoding = "perhaps"
webp = "yes"
sender = 61234
message_raw_bytes_max = 1e6
[file_bytes_max]
video = "large"
[prices]
mms = 0.01
"""
PLACES = [
    "name: expected a text, got 5",
    "evidence: expected class or device, got 'guess'",
    "evidence_max_age_days: expected a whole number, 0 or more, got -1",
    "conflict_days: expected a whole number, 0 or more, got 1.5",
    "link_length: expected a length between 20 and 67, got 10",
    "link_host: expected a host of at most 40 characters, like m.example.com or https://m.example.com, got",
    "links: expected api or own, got ['own']",
    "colour: unknown setting here; known are name, evidence",
    "tight_fit_share: unknown setting here; it belongs into [size]",
    "objects.ios.pdf = 'maybe': expected contact/calendar/pdf = attachment or link",
    "objects.ios.fax = 'link': expected",
    "objects.ios.contact = ['link']: expected",
    "objects.windows: expected a table for one of ios, android, other, unknown",
    "objects.android: expected a table for one of",
    "values.pdf: expected a whole number, 0 or more, got -1",
    "values.fax: unknown; known are pdf, calendar, contact",
    "size.tight_fit_share: expected a share between 0 and 1, got 1.5",
    "size.image_floor_bytes: expected a whole number, 0 or more, got True",
    "size.image_floor_bytes_per_pixel: expected a share between 0 and 1, got nan",
    "account.transcoding: expected on or images or off, got 'perhaps'",
    "account.webp: expected true or false, got 'yes'",
    "account.sender: expected a text, got 61234",
    "account.message_raw_bytes_max: expected a whole number, 0 or more, got 1000000.0",
    "file_bytes_max.video: expected a whole number, 0 or more, got 'large'",
    "[prices]: unknown table; known are objects, values, file_bytes_max, size, account",
]


def test_all_problems_of_a_file_come_together_each_with_its_place(tmp_path):
    path = write(tmp_path, WRONG)
    with pytest.raises(errors.ConfigurationError) as refused:
        Policy.from_file(path)
    first, *lines = str(refused.value).splitlines()
    assert first == f"{path}: {len(PLACES)} problem(s)"
    assert [
        line for line, place in zip(lines, PLACES, strict=True) if not line.strip().startswith(place)
    ] == []
    assert refused.value.exit_code == 3
    assert refused.value.hint == "see data/policy.toml"


@pytest.mark.parametrize("host", ["m.example.com", "http://m.example.com:8080/a/b/", "localhost", ""])
def test_a_link_host_is_a_host_with_or_without_scheme(host):
    assert Policy.from_dict({"link_host": host}).link_host == host


@pytest.mark.parametrize(
    "host",
    ["/", "//m", "m example", "bücher.example", "m.example.com?x", "ftp://m", "x" * 41, "m~", "m\n", "[::1]"],
)
def test_a_link_host_that_would_make_a_bad_link_is_refused(host):
    with pytest.raises(errors.ConfigurationError, match="link_host: expected a host"):
        Policy.from_dict({"link_host": host})


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"name = ", "expected TOML, got: Invalid value"),
        (b"name = 'a'\nname = 'b'", "expected TOML, got: Cannot overwrite a value"),
        (b"\xff\xfe", "expected TOML, got: 'utf-8' codec can't decode"),
    ],
)
def test_what_is_no_toml_is_refused_with_the_path(tmp_path, body, problem):
    path = tmp_path / "policy.toml"
    path.write_bytes(body)
    with pytest.raises(errors.ConfigurationError) as refused:
        Policy.from_file(path)
    assert str(refused.value).startswith(f"{path}: {problem}")


@pytest.mark.parametrize(("name", "problem"), [("none.toml", "No such file"), ("", "Is a directory")])
def test_a_file_that_cannot_be_read_is_refused_with_the_path(tmp_path, name, problem):
    with pytest.raises(errors.ConfigurationError, match=problem) as refused:
        Policy.from_file(tmp_path / name)
    assert refused.value.where == str(tmp_path / name)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"transcoding": "perhaps"}, "policy.transcoding: expected on or images or off, got 'perhaps'"),
        ({"link_host": "not a host"}, "policy.link_host: expected a host"),
        ({"conflict_days": -1}, "policy.conflict_days: expected a whole number, 0 or more, got -1"),
        ({"message_raw_bytes_max": 1.5}, "policy.message_raw_bytes_max: expected a whole number"),
        ({"tight_fit_share": float("nan")}, "policy.tight_fit_share: expected a share"),
    ],
)
def test_a_policy_built_in_code_is_checked_like_one_from_a_file(changed, problem):
    with pytest.raises(errors.ConfigurationError) as refused:
        Policy(**changed)
    assert str(refused.value).startswith(problem)


def test_an_own_link_always_fits_into_one_part_of_an_sms():
    assert Policy(link_host="https://" + "m" * 40).own_link_length == 67
    with pytest.raises(errors.ConfigurationError):
        Policy(link_host="https://" + "m" * 41)


# The version.

CHANGES = {
    "rule": ((OsClass.IOS, "pdf", Form.LINK),),
    "evidence": "device",
    "evidence_max_age_days": 364,
    "conflict_days": 31,
    "links": "own",
    "link_host": "m.example.com",
    "link_length": 65,
    "sms_route": "sms_api",
    "values": (("pdf", 2),),
    "tight_fit_share": 0.03,
    "transcoding": "off",
    "image_floor_bytes": 1,
    "image_floor_pixels": 1,
    "image_floor_bytes_per_pixel": 0.1,
    "video_floor_bytes_per_second": 1,
    "audio_floor_bytes_per_second": 1,
    "sender": "61234",
    "message_raw_bytes_max": 1,
    "service_id_required": True,
    "webp": True,
    "excel": True,
    "file_bytes_max": (("gif", 1),),
}


@pytest.mark.parametrize("field", [f.name for f in fields(Policy) if f.name not in {"name", "version"}])
def test_the_version_changes_with_any_value(field):
    changed = replace(Policy(), **{field: CHANGES[field]})
    assert changed.version != Policy().version
    assert replace(changed, **{field: getattr(Policy(), field)}).version == Policy().version


def test_all_those_versions_differ():
    assert len({Policy(**{field: value}).version for field, value in CHANGES.items()}) == len(CHANGES)


def test_the_version_does_not_change_with_the_name_or_with_defaults_written_out():
    assert Policy(name="other").version == Policy().version
    default = Policy()
    written = Policy(
        rule=default.rule[::-1], values=default.values[::-1], file_bytes_max=default.file_bytes_max
    )
    assert written == default
    assert written.version == default.version


def test_a_whole_number_and_its_decimal_are_one_value():
    assert Policy(tight_fit_share=0) == Policy(tight_fit_share=0.0)
    assert Policy(tight_fit_share=0).version == Policy(tight_fit_share=0.0).version


def test_the_version_cannot_be_forged():
    assert Policy(version="mine").version == Policy().version


def test_a_policy_is_a_value():
    assert {Policy(), Policy(), Policy(excel=True)} == {Policy(), Policy(excel=True)}
    assert pickle.loads(pickle.dumps(Policy(webp=True))) == Policy(webp=True)
