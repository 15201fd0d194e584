"""
Checks of the data by validators and readers that others wrote, on the site as it is served: ``make outside``.

The site runs in its own environment, the checks in another, which has none of its packages. They ask by address alone:
what ``/openapi.json`` lists is checked.
"""
