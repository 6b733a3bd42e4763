"""Files: told by their bytes, drawn anew, kept by content, and given only to who may see what they belong to."""

import hashlib
import io
import multiprocessing
import os
import random
import resource
import struct
import time
import zipfile
import zlib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin
from werkzeug.datastructures import FileStorage

from core.board.models import Task, TaskFile
from core.contracts import Actor
from core.extensions import db
from core.files import blobs, rules, services
from core.files.images import MAX_PIXELS
from core.files.models import File
from core.messages import Refusal
from core.testing.databases import wait_for_killed
from core.transactions import transaction

EVERY = tuple(rules.KIND_LABELS)
SCRIPT = b"<script>alert(1)</script>"


def encoded(form="PNG", size=(20, 10), color=(200, 30, 30), mode="RGB", **options):
    out = io.BytesIO()
    Image.new(mode, size, color).save(out, form, **options)
    return out.getvalue()


def upload(data, name="a.png", accept=EVERY):
    return services.open_upload(FileStorage(io.BytesIO(data), filename=name), accept)


def zipped(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


WORKBOOK = {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}
MP4 = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0" * 64
MOV = b"\0\0\0\x14ftypqt  \0\0\0\0qt  " + b"\0" * 64
XLS = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + b"\x09\x08\x10\x00\x00\x06\x05\x00" + b"\0" * 64


@pytest.mark.parametrize(
    ("data", "name", "media_type", "shown"),
    [
        (encoded("PNG"), "a.png", "image/png", "a.png"),
        (encoded("JPEG"), "a.jpeg", "image/jpeg", "a.jpeg"),
        (encoded("JPEG"), "a.png", "image/jpeg", "a.jpg"),
        (encoded("WEBP"), "a", "image/webp", "a.webp"),
        (encoded("GIF"), "a.gif", "image/gif", "a.gif"),
        (encoded("PNG"), "page.html", "image/png", "page.html.png"),
        (b"%PDF-1.7\n%%EOF", "a.pdf", "application/pdf", "a.pdf"),
        (zipped(**WORKBOOK), "a.xlsx", rules.XLSX, "a.xlsx"),
        (zipped(**WORKBOOK), "a.zip", rules.XLSX, "a.xlsx"),
        (zipped(a=b"1"), "a.xlsx", "application/zip", "a.zip"),
        (XLS, "a.xls", "application/vnd.ms-excel", "a.xls"),
        ("订单编号,金额\n".encode("gb18030"), "a.csv", "text/csv", "a.csv"),
        ("订单编号,金额\n".encode("utf-16"), "a.csv", "text/csv", "a.csv"),
        (MP4, "a.mp4", "video/mp4", "a.mp4"),
        (MOV, "a.mov", "video/quicktime", "a.mov"),
        (b"8BPS\0\1" + b"\0" * 20, "a.psd", "image/vnd.adobe.photoshop", "a.psd"),
    ],
)
def test_a_file_is_told_by_its_bytes_and_named_after_them(data, name, media_type, shown):
    accepted = upload(data, name)
    assert (accepted.media_type, accepted.name) == (media_type, shown)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "a.svg"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "a.png"),
        (b"<!doctype html>" + SCRIPT, "a.png"),
        (b"<!doctype html>" + SCRIPT, "a.csv"),
        (b"\xef\xbb\xbf  <html>", "a.csv"),
        (b"MZ\x90\0" + b"\0" * 200, "a.exe"),
        (b"MZ\x90\0" + b"\0" * 200, "a.png"),
        (b"\x7fELF" + b"\0" * 200, "a.pdf"),
        (b"#!/bin/sh\nrm -rf /\n", "a.sh"),
        (zipped(**WORKBOOK, **{"xl/vbaProject.bin": b"x"}), "a.xlsx"),
        (zipped(**{"[Content_Types].xml": b"", "word/document.xml": b""}), "a.docx"),
        (b"PK\x03\x04 and then nothing", "a.zip"),
        (b"a,b\0c\n", "a.csv"),
        (b"plain text", "a.doc"),
        (b"II*\0" + b"\0" * 100, "a.tif"),
    ],
)
def test_what_is_not_on_the_list_is_refused(data, name):
    with pytest.raises(Refusal, match=rf"{name} is none of the files taken here: Image"):
        upload(data, name)


def test_a_kind_the_place_does_not_take_is_refused():
    with pytest.raises(Refusal, match=r"a\.pdf is none of the files taken here: Image \(PNG, JPG, WebP, GIF\)\.$"):
        upload(b"%PDF-1.7", "a.pdf", accept=("image",))


def test_nothing_chosen_and_nothing_in_it_are_refused():
    with pytest.raises(Refusal, match="No file was chosen"):
        services.open_upload(FileStorage(io.BytesIO(b""), filename=""), EVERY)
    with pytest.raises(Refusal, match="No file was chosen"):
        services.open_upload(None, EVERY)
    with pytest.raises(Refusal, match=r"a\.png is empty"):
        upload(b"")


def test_a_file_over_its_kinds_limit_is_refused_and_not_read_to_its_end():
    class Endless(io.RawIOBase):
        taken = 0

        def read(self, size=-1):
            self.taken += size
            return b"\0" * size

    endless = Endless()
    with pytest.raises(Refusal, match="larger than 30 MB"):
        services.open_upload(endless, ("image",), name="a.png")
    assert endless.taken == 30 * rules.MEGABYTE + 1
    with pytest.raises(Refusal, match="larger than 30 MB"):
        upload(b"%PDF-1.7" + b"\0" * (30 * rules.MEGABYTE), "a.pdf")


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_picture_with_something_behind_it_comes_out_as_the_picture_alone(form):
    accepted = upload(encoded(form) + b"<!doctype html>" + SCRIPT + zipped(a=SCRIPT), "a.html")
    assert SCRIPT not in accepted.data
    assert b"PK" not in accepted.data
    with Image.open(io.BytesIO(accepted.data)) as picture:
        assert (picture.format, picture.size) == (form, (20, 10))


def test_what_a_picture_says_about_itself_is_dropped():
    exif = Image.Exif()
    exif[0x010E] = "GPS 30.27 120.15"
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", SCRIPT.decode())
    for data in (
        encoded("JPEG", exif=exif, comment=SCRIPT),
        encoded("PNG", exif=exif, pnginfo=words),
        encoded("WEBP", exif=exif, xmp=SCRIPT),
        encoded("GIF", comment=SCRIPT),
    ):
        accepted = upload(data)
        assert SCRIPT not in accepted.data
        assert b"GPS" not in accepted.data
        with Image.open(io.BytesIO(accepted.data)) as picture:
            assert not picture.getexif()
            assert "comment" not in picture.info


def test_a_picture_lying_on_its_side_is_put_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    accepted = upload(encoded("JPEG", size=(40, 20), exif=exif))
    assert (accepted.width, accepted.height) == (20, 40)


def test_a_photograph_keeps_its_weight_and_its_look():
    picture = Image.effect_noise((600, 400), 40).convert("RGB")
    for quality, subsampling in ((60, 2), (92, 0)):
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=quality, subsampling=subsampling)
        accepted = upload(out.getvalue(), "a.jpg")
        assert abs(len(accepted.data) / len(out.getvalue()) - 1) < 0.1
        once, twice = Image.open(out), Image.open(io.BytesIO(accepted.data))
        assert once.quantization == twice.quantization
        assert (
            max(
                abs(a - b)
                for a, b in zip(
                    once.resize((1, 1)).getpixel((0, 0)), twice.resize((1, 1)).getpixel((0, 0)), strict=True
                )
            )
            <= 1
        )


def test_colours_of_another_profile_become_srgb():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    accepted = upload(encoded("PNG", icc_profile=lab))
    with Image.open(io.BytesIO(accepted.data)) as picture:
        assert "icc_profile" not in picture.info
    broken = upload(encoded("PNG", icc_profile=b"not a profile"))
    with Image.open(io.BytesIO(broken.data)) as picture:
        assert picture.getpixel((0, 0)) == (200, 30, 30)


@pytest.mark.parametrize(
    ("mode", "color"), [("P", 3), ("L", 9), ("RGBA", (1, 2, 3, 4)), ("LA", (1, 2)), ("1", 1), ("I;16", 900)]
)
def test_pictures_of_every_mode_are_taken(mode, color):
    data = encoded("PNG", mode=mode, color=color)
    with Image.open(io.BytesIO(data)) as sent, Image.open(io.BytesIO(upload(data).data)) as kept:
        assert (kept.mode, kept.convert("RGBA").getpixel((0, 0))) == (sent.mode, sent.convert("RGBA").getpixel((0, 0)))


def test_a_print_picture_becomes_one_for_the_screen():
    accepted = upload(encoded("JPEG", mode="CMYK", color=(0, 255, 255, 0)))
    with Image.open(io.BytesIO(accepted.data)) as picture:
        assert picture.mode == "RGB"


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_a_moving_picture_moves_on(form):
    frames = [Image.new("RGB", (30, 30), color) for color in ("red", "green", "blue")]
    out = io.BytesIO()
    frames[0].save(out, form, save_all=True, append_images=frames[1:], duration=[100, 200, 300], loop=0)
    accepted = upload(out.getvalue() + SCRIPT)
    assert SCRIPT not in accepted.data
    with Image.open(io.BytesIO(accepted.data)) as picture:
        assert (picture.format, picture.n_frames, picture.size) == (form, 3, (30, 30))
        shades = []
        for number in range(3):
            picture.seek(number)
            shades.append(picture.convert("RGB").getpixel((5, 5)))
    assert [shade.index(max(shade)) for shade in shades] == [0, 1, 2]


def test_a_picture_of_a_thumbnails_size_and_a_large_one_have_thumbnails():
    for size, expected in (((20, 10), (20, 10)), ((3000, 1500), (640, 320)), ((400, 4000), (64, 640))):
        with Image.open(io.BytesIO(upload(encoded(size=size)).thumb)) as thumb:
            assert (thumb.format, thumb.size) == ("WEBP", expected)


def hollow_png(width, height):
    """A PNG of many pixels in few bytes."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = zlib.compressobj(9)
    body = b"".join(rows.compress(b"\0" * (width // 8 + 1)) for _ in range(height)) + rows.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def bomb_gif(frames, size):
    still = [Image.new("P", (8, 8), n % 2) for n in range(frames)]
    out = io.BytesIO()
    still[0].save(out, "GIF", save_all=True, append_images=still[1:], duration=10, optimize=False)
    data = bytearray(out.getvalue())
    data[6:10] = struct.pack("<HH", size, size)
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (hollow_png(20_000, 20_000), "more than 50 million pixels"),
        (hollow_png(8_000, 8_000), "more than 50 million pixels"),
        (bomb_gif(400, 8), "moves for too long: at most 300 frames"),
        (bomb_gif(60, 3_000), "moves for too long: at most 5 frames"),
        (encoded("PNG")[:-30], "damaged"),
        (encoded("JPEG", size=(400, 400))[:900], "damaged"),
        (encoded("GIF")[:20], "damaged"),
        (encoded("WEBP")[:40], "damaged"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "damaged"),
        (b"GIF89a/*" + SCRIPT + b"*/", "damaged"),
        (b"\xff\xd8\xff\xe0" + b"A" * 500, "damaged"),
    ],
    ids=["400 MP", "64 MP", "frames", "large frames", "png", "jpeg", "gif", "webp", "head", "gif and js", "noise"],
)
def test_bombs_and_damaged_pictures_are_refused_in_a_second(data, reason):
    began = time.process_time()
    with pytest.raises(Refusal, match=reason):
        upload(data)
    assert time.process_time() - began < 1


def test_half_a_picture_is_refused_after_a_document_was_printed_too():
    import core.documents.paint  # noqa: F401 - WeasyPrint tells Pillow to be content with less

    with pytest.raises(Refusal, match="damaged"):
        upload(encoded("PNG", size=(400, 400))[:900])


def test_the_largest_allowed_picture_is_taken():
    side = int(MAX_PIXELS**0.5) // 8 * 8
    accepted = upload(hollow_png(side, side))
    assert (accepted.width, accepted.height) == (side, side)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("../../etc/passwd.png", "passwd.png"),
        ("..\\..\\windows\\win.ini.png", "win.ini.png"),
        ("/etc/shadow", "shadow.png"),
        ("C:\\主图.png", "主图.png"),
        ("%2e%2e%2fa.png", "%2e%2e%2fa.png"),
        ("\u202egnp.exe", "gnp.exe.png"),
        ("a\u200b\u2066b.png", "ab.png"),
        ("a\r\nSet-Cookie: x=1.png", "aSet-Cookie_ x=1.png"),
        ("nul\0.png", "_nul.png"),
        ("CON", "_CON.png"),
        ("aux.psd", "_aux.png"),
        ("cafe\u0301.png", "caf\u00e9.png"),
        ("...", "file.png"),
        ("", "file.png"),
        (".png", "png.png"),
        ("a  b\t.png", "a b.png"),
        ('a<b>"c|d?*.png', "a_b__c_d__.png"),
        ("v1.2 主图", "v1.2 主图.png"),
        ("PHOTO.PNG", "PHOTO.png"),
        ("a.pdf.png", "a.pdf.png"),
    ],
)
def test_names_are_safe_to_show_and_to_save_under(raw, shown):
    assert rules.display_name(raw, "image/png") == shown


@given(st.text(max_size=300), st.sampled_from([*rules.TYPES, "text/plain"]))
def test_any_name_becomes_a_safe_one(raw, media_type):
    name = rules.display_name(raw, media_type)
    assert 1 <= len(name.encode()) <= 200
    assert not set(name) & set('/\\<>:"|?*\0\r\n')
    assert name not in {".", ".."}
    assert name.isprintable()
    assert rules.display_name(name, media_type) == name


def test_a_long_name_is_cut_between_characters_and_keeps_its_ending():
    name = rules.display_name("图" * 300 + ".jpg", "image/jpeg")
    assert (name[:60], name[-4:], len(name.encode()) <= 200) == ("图" * 60, ".jpg", True)


def kept(accepted, actor=None):
    file = services.put(accepted, actor)
    with transaction() as session:
        session.add(file)
        session.flush()
    return file


def stored(data, media_type, name, actor=None):
    with transaction() as session:
        file = services.put_open(io.BytesIO(data), media_type, name, actor)
        session.add(file)
    return file


def test_what_is_stored_is_read_again(in_app):
    file = stored(b"%PDF-1.7", "application/pdf", "../单据.pdf", Actor(3, "Li"))
    assert services.read(file) == b"%PDF-1.7"
    assert (file.name, file.kind, file.size, file.created_by) == ("单据.pdf", "pdf", 8, 3)
    assert len(file.token) == 22
    assert db.session.get(File, file.id).sha256 == hashlib.sha256(b"%PDF-1.7").hexdigest()


def test_the_same_bytes_twice_are_two_rows_and_one_blob(in_app):
    first, second = (kept(upload(encoded(), name)) for name in ("a.png", "b.png"))
    assert first.id != second.id
    assert first.token != second.token
    assert (first.sha256, first.thumb) == (second.sha256, second.thumb)
    assert len(list(blobs.listing())) == 2  # the picture and its thumbnail


def test_a_row_that_is_not_stored_leaves_bytes_that_the_sweeper_removes(in_app):
    stored = kept(upload(encoded()))
    services.put(upload(encoded(color=(1, 2, 3))))
    assert services.sweep() == (0, [])
    assert services.sweep(grace=timedelta(0)) == (2, [])
    assert {digest for _, digest, _ in blobs.listing()} == {stored.sha256, stored.thumb}
    assert services.read(stored)


def test_bytes_asked_for_again_are_not_swept_meanwhile(in_app):
    digest = blobs.write(b"old")
    path = next(path for path, _, _ in blobs.listing())
    os.utime(path, (1, 1))
    assert blobs.write(b"old") == digest
    assert services.sweep() == (0, [])


def test_the_sweep_names_rows_whose_bytes_are_gone(in_app):
    file = stored(b"x", "text/csv", "a.csv")
    blobs.remove(next(path for path, _, _ in blobs.listing()))
    assert services.sweep() == (0, [file.sha256])


def test_a_writer_that_dies_leaves_nothing_under_the_contents_name(in_app, monkeypatch):
    def die(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", die)
    with pytest.raises(KeyboardInterrupt):
        blobs.write(b"half")
    assert [digest for _, digest, _ in blobs.listing()] in ([""], [])
    monkeypatch.undo()
    services.sweep(grace=timedelta(0))
    assert list(blobs.listing()) == []


def test_a_full_disk_is_told_and_leaves_nothing_behind(in_app):
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, usual[1]))
    try:
        with pytest.raises(Refusal, match="disk is full"):
            blobs.write(b"x" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert list(blobs.listing()) == []
    assert blobs.read(blobs.write(b"x" * 5000)) == b"x" * 5000


def keep_uploading(settings):
    from core.app import create_app

    app = create_app(**settings)
    with app.app_context():
        while True:
            kept(upload(encoded(color=tuple(os.urandom(3)))))


def test_uploads_killed_at_random_moments_leave_no_row_without_its_file(in_app):
    settings = {name: in_app.config[name] for name in ("HOME", "DATABASE_URL")}
    processes = multiprocessing.get_context("forkserver")
    chance = random.Random(4)
    for _ in range(4):
        uploader = processes.Process(target=keep_uploading, args=(settings,))
        uploader.start()
        try:
            before = db.session.query(File).count()
            while db.session.query(File).count() == before and uploader.is_alive():
                db.session.rollback()
            time.sleep(chance.random() * 0.2)
        finally:
            uploader.kill()
            uploader.join()
    wait_for_killed(db.session)
    _, missing = services.sweep(grace=timedelta(0))
    assert missing == []
    files = db.session.query(File).all()
    assert len(files) >= 4
    assert {digest for _, digest, _ in blobs.listing()} == {d for file in files for d in (file.sha256, file.thumb)}


def test_another_store_is_one_setting(make_app):
    app = make_app(FILES_URL="memory://shop")
    with app.app_context():
        file = stored(b"x", "text/csv", "a.csv")
        assert services.read(file) == b"x"
        assert services.stream(file).read() == b"x"
        assert services.sweep(grace=timedelta(0)) == (0, [])
        blobs.write(b"y")
        assert services.sweep(grace=timedelta(seconds=-5)) == (1, [])


@pytest.fixture
def task_file(app, make_user):
    """Put an upload on a task that operations ask of design."""
    asker = make_user("asker", teams={"operations": "member"})

    def put(accepted, state="offered"):
        with app.app_context():
            file = services.put(accepted)
            with transaction() as session:
                task = Task(
                    number=f"T-{state}-{file.sha256}", type="x", title="x", state=state,
                    requester_team="operations", responsible_team="design", requester_id=asker.id,
                )  # fmt: skip
                session.add_all([file, task])
                session.flush()
                row = TaskFile(slot="brief", version=1, file_id=file.id, sha256=file.sha256, by_id=asker.id)
                task.files.append(row)
            return f"/files/{file.token}"

    return put


def test_a_file_is_given_to_those_who_see_its_task_and_nobody_else(task_file, as_user, client):
    offered, draft = task_file(upload(encoded())), task_file(upload(encoded()), state="draft")
    browsers = {
        "asker's team": as_user("op", teams={"operations": "member"}),
        "designer": as_user("de", teams={"design": "member"}),
        "warehouse": as_user("lo", teams={"logistics": "lead"}),
        "admin": as_user("root", admin=True),
    }
    answers = {name: [b.get(offered).status_code, b.get(draft).status_code] for name, b in browsers.items()}
    assert answers == {
        "asker's team": [200, 200],
        "designer": [200, 404],
        "warehouse": [404, 404],
        "admin": [200, 200],
    }
    assert client.get(offered).status_code in (302, 303, 401)
    stranger = browsers["warehouse"]
    assert stranger.get(offered + "/thumb").status_code == 404
    assert stranger.get("/files/" + "x" * 22).status_code == 404


def test_a_file_that_belongs_to_nothing_is_seen_by_nobody(app, as_user):
    admin = as_user("root", admin=True)
    with app.app_context():
        token = stored(b"x", "text/csv", "a.csv").token
    assert admin.get(f"/files/{token}").status_code == 404


@pytest.mark.parametrize(
    ("data", "name", "given"),
    [
        (encoded(), "主图.png", "image/png inline; filename=.png; filename*=UTF-8''%E4%B8%BB%E5%9B%BE.png"),
        (b"%PDF-1.7", "a.pdf", "application/pdf inline; filename=a.pdf"),
        (b"a,b\n", "a.csv", "text/csv; charset=utf-8 attachment; filename=a.csv"),
        (zipped(a=SCRIPT), "a.zip", "application/zip attachment; filename=a.zip"),
        (MP4, 'a";x=".mp4', 'video/mp4 attachment; filename="a_;x=_.mp4"'),
    ],
    ids=["png", "pdf", "csv", "zip", "mp4"],
)
def test_nothing_in_a_file_that_is_given_out_can_run(task_file, as_user, data, name, given):
    answer = as_user("root", admin=True).get(task_file(upload(data, name)))
    assert answer.status_code == 200
    assert f"{answer.headers['Content-Type']} {answer.headers['Content-Disposition']}" == given
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-cache, max-age=0, private"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert policy.startswith("sandbox;") or given.startswith("application/pdf")


def test_a_picture_asked_for_again_is_not_sent_again(task_file, as_user):
    browser, address = as_user("root", admin=True), task_file(upload(encoded()))
    first = browser.get(address)
    again = browser.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, len(first.data) > 0, again.status_code, again.data) == (200, True, 304, b"")


def test_a_thumbnail_is_a_small_picture(task_file, as_user):
    browser = as_user("root", admin=True)
    address = task_file(upload(encoded(size=(2000, 1000))))
    answer = browser.get(address + "/thumb")
    assert (answer.headers["Content-Type"], answer.headers["Cache-Control"]) == ("image/webp", "max-age=3600, private")
    assert Image.open(io.BytesIO(answer.data)).size == (640, 320)
    assert browser.get(task_file(upload(b"%PDF-1.7", "a.pdf")) + "/thumb").status_code == 404


def test_a_part_of_a_video_can_be_asked_for(task_file, as_user):
    answer = as_user("root", admin=True).get(task_file(upload(MP4, "a.mp4")), headers={"Range": "bytes=4-7"})
    assert (answer.status_code, answer.data) == (206, b"ftyp")


def test_a_file_whose_bytes_are_gone_is_not_found(task_file, as_user, app):
    address = task_file(upload(b"%PDF-1.7", "a.pdf"))
    with app.app_context():
        for path, _, _ in list(blobs.listing()):
            blobs.remove(path)
    assert as_user("root", admin=True).get(address).status_code == 404
