"""Label images, video and medical scans inside the notebook where the model is trained.

Names resolve when they are first used, so that importing the package stays quick
(`SPEC 1 <https://scientific-python.org/specs/spec-0001/>`_). They are listed in `__init__.pyi`.
"""

import lazy_loader as _lazy

__version__ = "0.1.0.dev0"

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
