"""Writes the images of this folder, and what Keras reads of them, to expected.json.

    pip install keras tensorflow-cpu pillow
    python crates/datasets/tests/images/make.py
"""

import json
import os
import pathlib

os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")

import keras
import numpy as np
from PIL import Image

HERE = pathlib.Path(__file__).parent
EXACT, JPEG, OTHERS = "exact", "jpeg", "others"


def images():
    """Noise, since every pixel must count; JPEGs are of shades, as photographs are."""
    rng = np.random.default_rng(5)
    noise = lambda *shape: rng.integers(0, 256, shape, "uint8")
    y, x = np.mgrid[0:24, 0:20]
    shades = np.stack([8 * y + 2 * x, 200 - 5 * y + x, 90 + 40 * np.sin(x / 6)], -1).astype("uint8")
    rgb = noise(5, 7, 3)
    few = Image.fromarray(noise(6, 5, 3)).quantize(8)
    yield EXACT, "b_rgb.png", Image.fromarray(rgb)
    yield EXACT, "a_gray.PNG", Image.fromarray(noise(5, 7))
    yield EXACT, "rgba.png", Image.fromarray(noise(4, 6, 4))
    yield EXACT, "gray_alpha.png", Image.fromarray(noise(3, 4, 2), "LA")
    yield EXACT, "deep/gray_16_bits.png", Image.fromarray(rng.integers(0, 65536, (4, 3), "uint16"))
    yield JPEG, "rgb.jpg", Image.fromarray(shades)
    yield JPEG, "gray.jpeg", Image.fromarray(shades[..., 0])
    yield OTHERS, "palette.png", few
    yield OTHERS, "two_colors.png", Image.fromarray(noise(3, 5) > 127)
    yield OTHERS, "rgb.bmp", Image.fromarray(rgb)
    yield OTHERS, "moving.gif", few


def expected(classes, **options):
    data = keras.utils.image_dataset_from_directory(
        HERE / "folder", class_names=classes, shuffle=False, batch_size=None, verbose=False, **options,
    )
    values = [image.numpy().ravel().round(4).tolist() for image, _ in data]
    files = [str(pathlib.Path(path).relative_to(HERE / "folder")) for path in data.file_paths]
    labels = [np.array(label).tolist() for _, label in data]
    return {"classes": classes, "options": options, "files": files, "labels": labels, "values": values}


def main():
    for folder, name, image in images():
        path = HERE / "folder" / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = {"save_all": True, "append_images": [image.rotate(180)]} if name.endswith(".gif") else {}
        image.save(path, **kept)
    every = [EXACT, JPEG, OTHERS]
    cases = [
        expected(every, image_size=(5, 7)),
        expected(every, image_size=(11, 9), label_mode="categorical"),
        expected([OTHERS, EXACT], image_size=(2, 3), label_mode="binary"),
        expected(every, image_size=(3, 8), interpolation="nearest"),
        expected(every, image_size=(4, 4), crop_to_aspect_ratio=True),
        expected(every, image_size=(3, 7), crop_to_aspect_ratio=True),
        expected([EXACT, JPEG], image_size=(5, 7), color_mode="grayscale"),
        # Keras reads no JPEGs and GIFs as RGBA, and the opacity of palettes wrongly.
        expected([EXACT], image_size=(4, 6), color_mode="rgba"),
    ]
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    (HERE / "expected.json").write_text(f"[\n{lines}\n]\n")


main()
