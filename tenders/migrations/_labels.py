"""An operation for migrations that change the labels of models alone, and nothing in the database."""

from django.db.migrations import SeparateDatabaseAndState


class ChangeLabels(SeparateDatabaseAndState):
    """
    Change the state by operations that have no effect on the database.

    The models of the state are rendered once after all of them, and not with all related ones after each: 100 take 0.3
    seconds instead of 8.
    """

    def __init__(self, operations):
        super().__init__(state_operations=operations)

    def deconstruct(self):
        return type(self).__name__, [self.state_operations], {}

    def state_forwards(self, app_label, state):
        state.__dict__.pop("apps", None)  # rendered models, which Django renders again when they are asked for
        super().state_forwards(app_label, state)
