"""Uses an installed labelwidgets for the first time; run in a fresh environment."""

import sys
import time

HEAVY = ("pandas", "sqlalchemy", "PIL", "shapely", "pycocotools", "anywidget")

if __name__ == "__main__":
    start = time.perf_counter()
    import labelwidgets as lw

    print(f"import labelwidgets: {1000 * (time.perf_counter() - start):.0f} ms")
    assert [name for name in HEAVY if name in sys.modules] == []
    assert "site-packages" in str(lw.__file__), lw.__file__

    from PIL import Image

    Image.new("RGB", (64, 48), "teal").save("photo.png")
    widget = lw.annotate("photo.png", classes=["cat", "dog"])
    assert isinstance(widget, lw.ImageAnnotator)
    assert len(str(widget._esm)) > 1000
    print(f"made {type(widget).__name__} in {1000 * (time.perf_counter() - start):.0f} ms")
