"""Charts in the accessibility tree."""

import pytest


def accessible_nodes(page, selector):
    """Return (role, name, description) of the links and texts of a drawing; the content of links is left out."""
    session = page.context.new_cdp_session(page)
    document = session.send("DOM.getDocument")["root"]["nodeId"]
    drawing = session.send("DOM.querySelector", {"nodeId": document, "selector": selector})["nodeId"]
    backend = session.send("DOM.describeNode", {"nodeId": drawing})["node"]["backendNodeId"]
    nodes = {node["nodeId"]: node for node in session.send("Accessibility.getFullAXTree")["nodes"]}
    queue = [node for node in nodes.values() if node.get("backendDOMNodeId") == backend]
    found = []
    while queue:
        node = queue.pop()
        role = None if node["ignored"] else node["role"]["value"]
        if role in ("link", "StaticText"):
            found.append((role, node["name"]["value"], node.get("description", {}).get("value", "")))
        if role != "link":
            queue += [nodes[child] for child in node.get("childIds", []) if child in nodes]
    return found


@pytest.mark.parametrize("name", ["year", "amount"])
def test_a_screen_reader_finds_only_links_in_a_drawing(visit, name):
    found = accessible_nodes(visit("/"), f"#chart-{name} .plot")

    assert len(found) > 3
    assert {role for role, _name, _more in found} == {"link"}
    assert all(name and not more for _role, name, more in found)


def test_a_map_is_read_and_reached_only_as_the_list_beside_it(visit):
    page = visit("/")
    tiles, listed = page.locator("a.tile"), page.locator(".tile-list a")

    assert accessible_nodes(page, ".map") == []
    assert {tile.get_attribute("href") for tile in tiles.all()} < {link.get_attribute("href") for link in listed.all()}
    assert {tile.get_attribute("tabindex") for tile in tiles.all()} == {"-1"}
