"""What goes wrong in packs, named by pack, field and rule."""


class PackError(ValueError):
    """A pack that cannot be used, or a question that a pack cannot answer."""

    def __init__(self, pack: str, field: str, rule: str, message: str) -> None:
        super().__init__(f"pack {pack}, {field}: {message}")
        self.pack = pack
        self.field = field
        self.rule = rule
        self.message = message
