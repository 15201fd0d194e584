"""Responses that are sent in parts, after the view has returned."""


class HeldOpen:
    """Parts of a response that is sent later, with a context that ends when the server closes the response."""

    def __init__(self, parts, context):
        self.parts, self.close = parts, context.close

    def __iter__(self):
        return iter(self.parts)
