"""Single strings and the phone each one names.

The strings are those of makers' and platform documents, device trees and device logs.
"""

import dataclasses

import pytest

from planner import identify
from planner.identify import Kind

CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36"
REDUCED = f"Mozilla/5.0 (Linux; Android 10; K) {CHROME}"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"

# string, kind, OS class, brand, model or shop name, node of the catalogue
PHONES = [
    ("SAMSUNG-ANDROID-MMS/SM-G900F", "mms-ua", "android", "Samsung", "SM-G900F", "samsung_sm_g900f"),
    ("SAMSUNG-ANDROID-MMS/SM-G9999", "mms-ua", "android", "Samsung", "SM-G9999", "samsung_android"),
    ("LG-D722 LG-Android-MMS-V4.0/1.2", "mms-ua", "android", "LG", "D722", "lg_d722"),
    ("HTC_One_M8/1.0", "mms-ua", "android", "HTC", "One M8", "htc_one_m8"),
    ("motoxt157x", "handset-name", "android", "Motorola", "XT157X", "motorola_xt157x"),
    ("nexus6", "handset-name", "android", "Google", "Nexus 6", "google_nexus_6"),
    ("Nexus6-SPRINT", "handset-name", "android", "Google", "Nexus 6", "google_nexus_6"),
    ("Huawei-Nexus6P/Android", "mms-ua", "android", "Google", "Nexus 6P", "google_nexus_6p"),
    ("H1511/Android-MMS/2.0", "mms-ua", "android", "Google", "Nexus 6P", "google_nexus_6p"),
    ("wsh1511", "handset-name", "android", "Google", "Nexus 6P", "google_nexus_6p"),
    ("g020g", "handset-name", "android", "Google", "Pixel 3a", "google_pixel_3a"),
    ("g020e", "handset-name", "android", "Google", "Pixel 3a", "google_pixel_3a"),
    ("g2pw4100", "handset-name", "android", "Google", "Pixel", "google_pixel"),
    ("htc6525lvw", "handset-name", "android", "HTC", "One M8", "htc_one_m8"),
    ("831C SPRINT", "handset-name", "android", "HTC", "One M8", "htc_one_m8"),
    ("sami500", "handset-name", "android", "Samsung", "SCH-I500", "samsung_sch_i500"),
    ("tcl4058g", "handset-name", "android", "TCL", "4058G", "tcl_4058g"),
    ("4058G-MMS/2.0", "mms-ua", "android", "TCL", "4058G", "tcl_4058g"),
    ("Samsung Galaxy", "handset-name", "android", "Samsung", "Galaxy", "samsung_android"),
    ("motol7c", "handset-name", "other", "Motorola", "SLVR L7c", "motorola_l7c"),
    ("moto17c", "handset-name", "other", "Motorola", "SLVR L7c", "motorola_l7c"),
    ("VX8000v1", "handset-name", "other", "LG", "VX8000", "lg_vx8000"),
    ("iPhoneOS/4.2.1 (8C148)", "mms-ua", "ios", "Apple", "iPhone", "ios_4"),
    ("iPhoneOS", "handset-name", "ios", "Apple", "iPhone", "apple_iphone"),
    ("iPhone 15 Pro", "handset-name", "ios", "Apple", "iPhone 15 Pro", "ios"),
    (
        "Nokia6230/2.0 (04.43) Profile/MIDP-2.0 Configuration/CLDC-1.1",
        "mms-ua", "other", "Nokia", "6230", "nokia_6230",
    ),
    (
        "SonyEricssonK700i/R2N Browser/SEMC-Browser/4.0 Profile/MIDP-2.0",
        "mms-ua", "other", "Sony Ericsson", "K700i", "sony_ericsson_k700i",
    ),
    ("BlackBerry9700/5.0.0.862 Profile/MIDP-2.1", "mms-ua", "other", "BlackBerry", "9700", "blackberry_9700"),
    ("SAMSUNG-SGH-I617/UCIB1 Mozilla/4.0", "mms-ua", "other", "Samsung", "SGH-I617", "samsung_sgh_i617"),
    (
        "Android-Mms/2.0 (Linux; U; Android 4.4.4; zh-cn; Xiaomi MI 4LTE Build/KTU84P)",
        "mms-ua", "android", "Xiaomi", "MI 4LTE", "xiaomi_mi_4lte",
    ),
    (
        "http://wap.samsungmobile.com/uaprof/SM-G900F.xml",
        "uaprof-url", "android", "Samsung", "SM-G900F", "samsung_sm_g900f",
    ),
    (
        '"http://wap.samsungmobile.com/uaprof/SM-G900F.xml"',
        "uaprof-url", "android", "Samsung", "SM-G900F", "samsung_sm_g900f",
    ),
    ("http://gsm.lge.com/html/gsm/D722-M3-D1.xml", "uaprof-url", "android", "LG", "D722", "lg_d722"),
    ("http://nds1.nds.nokia.com/uaprof/N6300r100.xml", "uaprof-url", "other", "Nokia", "6300", "nokia_6300"),
    (
        "http://www.blackberry.net/go/mobile/profiles/uaprof/9700_edge/5.0.0.rdf",
        "uaprof-url", "other", "BlackBerry", "9700", "blackberry_9700",
    ),
    (
        "http://uaprof.sonymobile.com/C6603R401.xml",
        "uaprof-url", "android", "Sony", "Xperia Z", "sony_android",
    ),
    (
        "http://www.gstatic.com/android/sms/G020G.xml",
        "uaprof-url", "android", "Google", "Pixel 3a", "google_pixel_3a",
    ),
    (
        "http://uaprof.vtext.com/sam/i500/i500.xml",
        "uaprof-url", "android", "Samsung", "SCH-I500", "samsung_sch_i500",
    ),
    (
        "http://uaprof.vtext.com/sam/odsamg955u/odsamg955u.xml",
        "uaprof-url", "android", "Samsung", "SM-G955U", "samsung_android",
    ),
    (
        "http://device.sprintpcs.com/Samsung/SPH-L710/MK5.rdf",
        "uaprof-url", "android", "Samsung", "SPH-L710", "samsung_sph_l710",
    ),
    (
        "http://www-ccpp.tcl-ta.com/files/ALCATEL_ONE_TOUCH_5020D.xml",
        "uaprof-url", "android", "Alcatel", "5020D", "alcatel_android",
    ),
    (
        "http://nmsc.ctvap.cn/uaprof/SCH/SCH_I759_1_20130111.xml",
        "uaprof-url", "android", "Samsung", "SCH-I759", "samsung_android",
    ),
    (
        "http://iphonemms.apple.com/iphone/uaprof-2MB.rdf",
        "uaprof-url", "ios", "Apple", "iPhone", "apple_iphone",
    ),
    ("https://www.apple.com/mms/uaprof.rdf", "uaprof-url", "ios", "Apple", "iPhone", "apple_iphone"),
    (f"{IPHONE} Version/17.2 Mobile/15E148 Safari/604.1", "browser-ua", "ios", "Apple", "iPhone", "ios_17"),
    (
        f"Mozilla/5.0 (Linux; Android 13; SM-S911B) {CHROME}",
        "browser-ua", "android", "Samsung", "SM-S911B", "samsung_sm_s911b",
    ),
    (
        f"Mozilla/5.0 (Linux; U; Android 4.1.1; en-gb; GT-I9300 Build/JRO03C) {CHROME}",
        "browser-ua", "android", "Samsung", "GT-I9300", "samsung_gt_i9300",
    ),
]  # fmt: skip

# A string that tells the system, and nothing of brand or model: string, OS class, version, node.
SYSTEMS = [
    ("Android-Mms/2.0", "android", None, "android"),
    ("Android-Mms/0.1", "android", None, "android"),
    ("Android Messaging", "android", None, "android"),
    ("Android", "android", None, "android"),
    ("Android 14", "android", "14", "android_14"),
    ("http://www.google.com/oha/rdf/ua-profile-kila.xml", "android", None, "android"),
    (REDUCED, "android", None, "android"),
    ("Windows Phone", "other", None, "windows_phone"),
]

NOTHING = ["", " ", "Default", "default", "unknown", "null", "n/a", "vzmmms1.0", '""', "\x00"]

CHROME_ON = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"
STRANGERS = [
    CHROME_ON.format("Macintosh; Intel Mac OS X 10_15_7"),
    CHROME_ON.format("Windows NT 10.0; Win64; x64"),
    CHROME_ON.format("X11; CrOS x86_64 14541.0.0"),
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "WhatsApp/2.23.20.0 A",
    "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.6001; Pro)",
    "Twitterbot/1.0",
    CHROME_ON.format("Linux; Android 6.0.1; Nexus 5X Build/MMB29P") + " (compatible; Googlebot/2.1)",
    f"{IPHONE} Version/17.2 Mobile/15E148 Safari/604.1 (compatible; Applebot/0.1)",
]


# Names that HMD gives to Android phones, and that look like the beginning of an old Nokia's number.
HMD_BRAND_ONLY = ["C100", "C200", "C210", "C300", "C110", "X100", "C5 Endi", "C1 Plus", "C2 Tava", "C3", "X6"]
HMD_OWN_FORM = [
    "8.3 5G",
    "5.4",
    "7.2",
    "7.1",
    "2.3",
    "2 V Tella",
    "3 V",
    "1 Plus",
    "8 Sirocco",
    "9 PureView",
    "TA-1021",
]
OLD_NOKIAS = [
    "6230", "6230i", "3310", "8110 4G", "6300 4G", "2720 Flip", "5800d-1", "6120c", "C3-00", "C3-01.5",
    "X2-02", "C5-03", "N95_8GB", "N73-1", "E71-1", "E7-00", "105", "225 4G", "N9", "N900",
    "Lumia 920", "808 PureView",
]  # fmt: skip

# Short names that phones of several classes share: whatever else is said of them, never `other`.
SHARED_NAMES = [
    "motorola e6", "moto e7", "Motorola moto z3", "moto c", "Alcatel 1", "Alcatel 3V", "Alcatel 1S", "LG G7",
    "LG-G710", "Huawei C6", "Hisense C1", "Karbonn K9", "SonyEricssonW8", "SonyEricssonX10i", "HTC T328w",
    "Philips S9", "Micromax Q4", "Lenovo E4", "Innos D6000", "Panasonic X1", "ZTE A1",
]  # fmt: skip

BLACKBERRY_ANDROIDS = ["BBB100-1", "BBB100-2", "BlackBerry BBB100-1", "BBE100-4", "BBF100-6"]

JAVA = "Profile/MIDP-2.0 Configuration/CLDC-1.1"
JAVA_CLAIMS = [
    f"Tecno KE5/1.0 {JAVA}", f"T-Mobile REVVL 4/1.0 {JAVA}", f"V2043/1.0 Release/1 {JAVA}",
    f"UMX U683CL/1 {JAVA}",
    f"NokiaC300/1.0 {JAVA}", f"Nobody X1/1.0 {JAVA}",
]  # fmt: skip


def names_phone(found: identify.Identification) -> bool:
    return (found.os_family, found.brand, found.model) != (None, None, None)


@pytest.mark.parametrize("name", HMD_BRAND_ONLY)
def test_a_name_that_hmd_reused_tells_the_brand_only(name):
    for string in (f"Nokia {name}", f"Nokia_{name.replace(' ', '_')}", f"Nokia{name}/1.0"):
        found = identify.identify(string)
        assert (found.brand, found.os_family) == ("Nokia", None)


@pytest.mark.parametrize("name", HMD_OWN_FORM)
def test_a_form_of_hmds_own_is_android(name):
    for string in (f"Nokia {name}", f"Nokia_{name.replace(' ', '_')}"):
        found = identify.identify(string)
        assert (found.brand, found.os_family) == ("Nokia", "android")


@pytest.mark.parametrize("name", OLD_NOKIAS)
def test_a_full_number_of_an_old_nokia_is_other(name):
    found = identify.identify(f"Nokia{name}/2.0")
    assert (found.brand, found.os_family) == ("Nokia", "other")


@pytest.mark.parametrize("string", SHARED_NAMES)
def test_a_short_name_is_no_reason_for_other(string):
    assert identify.identify(string).os_family != "other"


@pytest.mark.parametrize("string", BLACKBERRY_ANDROIDS)
def test_blackberrys_with_android_are_android(string):
    for text in (string, f"Mozilla/5.0 (Linux; Android 8.1.0; {string} Build/OPM1) {CHROME}"):
        found = identify.identify(text)
        assert (found.brand, found.os_family) == ("BlackBerry", "android")


def test_blackberry_10_is_still_other():
    found = identify.identify(
        "Mozilla/5.0 (BB10; Touch) AppleWebKit/537.10+ (KHTML, like Gecko) Version/10.0.9"
    )
    assert (found.os_name, found.os_family) == ("BlackBerry 10", "other")


def test_firefox_os_is_still_other():
    found = identify.identify("Mozilla/5.0 (Mobile; rv:26.0) Gecko/26.0 Firefox/26.0")
    assert (found.os_name, found.os_family) == ("Firefox OS", "other")


@pytest.mark.parametrize("string", JAVA_CLAIMS)
def test_the_words_of_java_alone_state_nothing(string):
    assert identify.identify(string).os_family is None


@pytest.mark.parametrize(("string", "kind", "os_family", "brand", "name", "device_id"), PHONES)
def test_phone_is_read_from_its_string(string, kind, os_family, brand, name, device_id):
    found = identify.identify(string)
    assert (found.kind, found.os_family, found.brand) == (kind, os_family, brand)
    assert name in (found.model, found.marketing_name)
    assert found.device_id == device_id
    assert found.model is not None


@pytest.mark.parametrize(("string", "os_family", "version", "device_id"), SYSTEMS)
def test_a_system_alone_is_no_model(string, os_family, version, device_id):
    found = identify.identify(string)
    assert (found.os_family, found.os_version, found.device_id) == (os_family, version, device_id)
    assert (found.brand, found.model) == (None, None)
    assert names_phone(found)


@pytest.mark.parametrize("string", NOTHING)
def test_a_string_that_says_nothing_is_no_evidence(string):
    found = identify.identify(string)
    assert found.kind is Kind.NONE
    assert not names_phone(found)
    assert found.device_id is None
    assert found.reason


@pytest.mark.parametrize("string", STRANGERS)
def test_robots_and_desktops_name_no_phone(string):
    found = identify.identify(string)
    assert not names_phone(found)
    assert found.device_id is None
    assert found.kind is Kind.BROWSER_UA
    assert found.reason


PLATFORMS = [
    "Windows NT 5.1", "Windows NT 6.1; WOW64", "Windows NT 10.0; Win64; x64", "Windows NT 11.0; ARM64",
    "Macintosh; Intel Mac OS X 10_15_7", "Macintosh; Intel Mac OS X 14.2", "X11; Linux x86_64",
    "X11; U; Linux i686; pt-BR", "X11; Ubuntu; Linux x86_64", "X11; Fedora; Linux aarch64",
    "X11; NetBSD amd64", "X11; FreeBSD amd64", "X11; SunOS sun4u",
    "X11; CrOS x86_64 14541.0.0", "X11; CrOS aarch64 15236.80.0",
]  # fmt: skip
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
DESKTOP_BROWSERS = {
    "Firefox": "Mozilla/5.0 ({}; rv:120.0) Gecko/20100101 Firefox/120.0",
    "Chrome": f"Mozilla/5.0 ({{}}) {WEBKIT} Chrome/120.0.0.0 Safari/537.36",
    "Edge": f"Mozilla/5.0 ({{}}) {WEBKIT} Chrome/120.0.0.0 Safari/537.36 Edg/120.0.2210.91",
    "Opera": f"Mozilla/5.0 ({{}}) {WEBKIT} Chrome/119.0.0.0 Safari/537.36 OPR/105.0.0.0",
    "old Opera": "Opera/9.80 ({}; en) Presto/2.12.388 Version/12.16",
    "Safari": "Mozilla/5.0 ({}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 Safari/605.1.15",
}


@pytest.mark.parametrize("browser", DESKTOP_BROWSERS)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_desktop_names_no_phone(browser, platform):
    assert not names_phone(identify.identify(DESKTOP_BROWSERS[browser].format(platform)))


@pytest.mark.parametrize(
    "string",
    [
        "Mozilla/5.0 (compatible; Konqueror/4.5; Linux 2.6.35; X11; en) KHTML/4.5.4 (like Gecko)",
        "Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 8_3 like Mac OS X) AppleWebKit/600.1.4 (compatible; SMTBot/1.0; http://x)",
    ],
)
def test_the_library_knows_desktops_and_robots_that_the_tables_do_not(string):
    found = identify.identify(string)
    assert not names_phone(found)
    assert "user-agents" in found.reason


def test_a_phone_that_is_called_like_a_robot_is_a_phone():
    found = identify.identify(f"Mozilla/5.0 (Linux; Android 9; CUBOT_NOTE_S Build/MRA58K) {CHROME}")
    assert found.os_family == "android"


@pytest.mark.parametrize("string", ["Samsung", "Nokia", "LG", "BlackBerry", "Motorola"])
def test_a_bare_brand_does_not_tell_the_system(string):
    found = identify.identify(string)
    assert found.brand == string
    assert found.os_family is None
    assert found.device_id is None


@pytest.mark.parametrize("string", ["hello world", "5551234567", "xx1234", "/", "?", "http://", "a" * 512])
def test_an_unknown_string_is_never_other(string):
    assert identify.identify(string).os_family is None


@pytest.mark.parametrize("word", ["iOS", "iPhone OS"])
def test_the_words_of_the_old_os_field_state_the_class(word):
    found = identify.identify(word)
    assert (found.os_family, found.brand) == ("ios", "Apple")


def test_ios_version_comes_from_safari_where_the_system_is_frozen():
    frozen = IPHONE.replace("17_2", "18_6")
    found = identify.identify(f"{frozen} Version/26.0 Mobile/15E148 Safari/604.1")
    assert (found.os_version, found.device_id) == ("26.0", "ios_26")


def test_client_hints_add_model_and_version():
    hints = {
        "sec-ch-ua-model": '"SM-S918B"',
        "Sec-CH-UA-Platform": '"Android"',
        "SEC-CH-UA-PLATFORM-VERSION": '"14.0.0"',
    }
    found = identify.identify(REDUCED, hints)
    assert (found.brand, found.model, found.os_version) == ("Samsung", "SM-S918B", "14.0.0")
    assert found.reason == "client hints"


def test_empty_client_hints_change_nothing():
    assert identify.identify(REDUCED, {"Sec-CH-UA-Model": '""'}) == identify.identify(REDUCED)


def test_placeholders_of_the_library_are_no_names():
    for token in ("K", "Generic", "Unknown"):
        found = identify.identify(f"Mozilla/5.0 (Linux; Android 9; {token}) {CHROME}")
        assert (found.brand, found.model, found.os_family) == (None, None, "android")


def test_a_model_without_a_row_keeps_its_code():
    found = identify.identify("SAMSUNG-ANDROID-MMS/SM-X123Z")
    assert (found.device_id, found.model) == ("samsung_android", "SM-X123Z")


def test_answer_is_a_frozen_value():
    with pytest.raises(dataclasses.FrozenInstanceError):
        identify.identify("iOS").brand = "Samsung"


def test_rules_version_is_a_short_word_and_follows_the_tables():
    assert identify.default_identifier().version == identify.RULES_VERSION
    assert len(identify.RULES_VERSION) == 12


def test_unknown_name_of_the_package_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = identify.no_such_name
