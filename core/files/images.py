"""Draw an uploaded picture anew: what comes out holds pixels and nothing else that was sent."""

import io
from threading import BoundedSemaphore
from typing import Any

from PIL import Image, ImageCms, ImageOps, ImageSequence, JpegImagePlugin

from core.files.rules import Accepted
from core.messages import Refusal, msg

MAX_PIXELS = 50_000_000
MAX_FRAMES = 300
THUMB = 640
FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP", "image/gif": "GIF"}

# An open picture of the largest size takes 200 MB: only so many at a time.
_desk = BoundedSemaphore(2)


def redraw(data: bytes, media_type: str, name: str) -> Accepted:
    """The picture without metadata or trailing bytes, upright, in sRGB, with a thumbnail.

    Raises ``Refusal`` for a picture that is damaged or opens to more than ``MAX_PIXELS``.
    """
    with _desk:
        try:
            return _redraw(data, media_type, name)
        except (Refusal, MemoryError):
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise _too_large(name) from None
        except Exception as error:  # Pillow's decoders raise almost anything on damaged bytes
            raise Refusal(msg("%(name)s is damaged, or not the picture it says it is.", name=name)) from error


def _redraw(data: bytes, media_type: str, name: str) -> Accepted:
    form = FORMATS[media_type]
    with Image.open(io.BytesIO(data), formats=(form,)) as picture:
        frames = _count_frames(picture, form, name)
        out = io.BytesIO()
        if frames > 1:
            first = _animation(picture, form, out)
        else:
            first = _still(picture, form, out, lossless=b"VP8L" in data[:10_000])
        return Accepted(out.getvalue(), media_type, "image", name, *first.size, _thumbnail(first))


def _count_frames(picture: Image.Image, form: str, name: str) -> int:
    width, height = picture.size
    if width * height > MAX_PIXELS:
        raise _too_large(name)
    if form == "JPEG" or not getattr(picture, "is_animated", False):
        return 1
    limit = max(1, min(MAX_FRAMES, MAX_PIXELS // (width * height)))
    try:
        picture.seek(limit)  # reading on to the end would first draw every frame of a bomb
    except EOFError:
        frames = picture.n_frames
        picture.seek(0)
        return frames
    raise Refusal(msg("%(name)s moves for too long: at most %(count)s frames of its size.", name=name, count=limit))


def _too_large(name: str) -> Refusal:
    return Refusal(msg("%(name)s has more than %(limit)s million pixels.", name=name, limit=MAX_PIXELS // 1_000_000))


def _still(picture: Image.Image, form: str, out: io.BytesIO, lossless: bool) -> Image.Image:
    options: dict[str, Any] = {}
    if form == "JPEG":
        # Its own tables: sent back at the weight it came, without a second loss that could be seen.
        options = {"qtables": picture.quantization, "subsampling": JpegImagePlugin.get_sampling(picture)}
        options |= {"optimize": True, "progressive": bool(picture.info.get("progressive"))}
    elif form == "WEBP":
        options = {"lossless": lossless, "quality": 90}
    upright = ImageOps.exif_transpose(picture)
    upright.load()
    plain = _srgb(upright)
    if form == "JPEG" and picture.mode not in {"L", "RGB"}:
        plain, options = plain.convert("RGB"), {"quality": 95, "optimize": True}
    _bare(plain).save(out, form, **options)
    return plain


def _srgb(picture: Image.Image) -> Image.Image:
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in {"RGB", "RGBA", "CMYK", "L"}:
        return picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(source).lower():
            return picture
        mode = "RGBA" if picture.mode == "RGBA" else "RGB"
        return ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode=mode) or picture
    except (ImageCms.PyCMSError, OSError):
        return picture  # a broken profile is ignored, as browsers do


def _animation(picture: Image.Image, form: str, out: io.BytesIO) -> Image.Image:
    durations = [frame.info.get("duration", 100) for frame in ImageSequence.Iterator(picture)]
    frames = (_bare(frame.convert("RGBA")) for frame in ImageSequence.Iterator(picture))
    first = next(frames)
    options = {"duration": durations, "loop": picture.info.get("loop", 0), "save_all": True}
    if form == "GIF":
        options["disposal"] = 2
    # PNG's writer looks at the frames twice; the others take them one by one, which needs less memory.
    first.save(out, form, append_images=list(frames) if form == "PNG" else frames, **options)
    return first


def _bare(picture: Image.Image) -> Image.Image:
    picture.info = {key: value for key, value in picture.info.items() if key == "transparency"}
    return picture


def _thumbnail(picture: Image.Image) -> bytes:
    plain = picture.mode in {"RGB", "RGBA"}
    small = picture if plain else picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    small = small.reduce(max(1, max(small.size) // (4 * THUMB)))
    small.thumbnail((THUMB, THUMB))
    out = io.BytesIO()
    _bare(small).save(out, "WEBP", quality=80)
    return out.getvalue()
