"""Postbacks, messages and numbers that the tests of the command line are made of."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests import sources

SAMPLES = sources.ROOT / "data" / "samples"
NOW = datetime.now(UTC).replace(microsecond=0)
AS_OF = NOW.isoformat()
IPHONE, ANDROID, NOKIA, NOBODY = "15550100001", "15550100002", "15550100003", "15550100004"
HANDSETS = {
    IPHONE: "iPhoneOS",
    ANDROID: "SAMSUNG-ANDROID-MMS/SM-G900F",
    NOKIA: "Nokia6230/2.0 (04.43) Profile/MIDP-2.0 Configuration/CLDC-1.1",
}
FILES = {
    "image": ("a.jpg", 90_000, "image/jpeg"),
    "contact": ("a.vcf", 1_400, "text/vcard"),
    "calendar": ("a.ics", 1_100, "text/calendar"),
    "pdf": ("a.pdf", 92_000, "application/pdf"),
}


def file_of(db):
    return Path(db.removeprefix("sqlite:///"))


def damage(path):
    """Overwrites ten pages in the middle of a database."""
    content = bytearray(path.read_bytes())
    content[2 * 4096 : 12 * 4096] = b"\xff" * (10 * 4096)
    path.write_bytes(content)


def postback(to=IPHONE, handset="iPhoneOS", *, days_ago=2, **changes):
    """A delivery receipt in its documented shape; a field that is None is left out."""
    document = {
        "origin": "MMS_MT",
        "code": "N102",
        "sent-as": "MMS",
        "status": "Delivered",
        "from": "18885550100",
        "to": to,
        "tracking-id": f"T{to}",
        "operator-id": "31003",
        "timestamp": (NOW - timedelta(days=days_ago)).isoformat(),
        "handset": handset,
        **{name.replace("_", "-"): value for name, value in changes.items()},
    }
    return {name: value for name, value in document.items() if value is not None}


def ndjson(*documents):
    return b"".join(json.dumps(document).encode() + b"\n" for document in documents)


def message(*kinds, **changes):
    """A message with one slide for each kind of file, or one slide with text."""
    slides = [{"message-text": "Hello", kind: media(kind)} for kind in kinds]
    document = {"fallback-sms-text": "Hello:", "slide": slides or [{"message-text": "Hello"}]}
    return document | {name.replace("_", "-"): value for name, value in changes.items()}


def media(kind, **changes):
    name, size, content_type = FILES[kind]
    document = {"url": f"https://media.example.com/{name}", "bytes": size, "content-type": content_type}
    return document | {name.replace("_", "-"): value for name, value in changes.items()}
