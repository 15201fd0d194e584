"""What is heard of the charts."""

import pytest


def heard(page, selector):
    """Return role, name and description of what a drawing gives to those who listen, but what its links consist of."""
    session = page.context.new_cdp_session(page)
    document = session.send("DOM.getDocument")["root"]["nodeId"]
    drawing = session.send("DOM.querySelector", {"nodeId": document, "selector": selector})["nodeId"]
    backend = session.send("DOM.describeNode", {"nodeId": drawing})["node"]["backendNodeId"]
    nodes = {node["nodeId"]: node for node in session.send("Accessibility.getFullAXTree")["nodes"]}
    waiting = [node for node in nodes.values() if node.get("backendDOMNodeId") == backend]
    found = []
    while waiting:
        node = waiting.pop()
        role = None if node["ignored"] else node["role"]["value"]
        if role in ("link", "StaticText"):
            found.append((role, node["name"]["value"], node.get("description", {}).get("value", "")))
        if role != "link":
            waiting += [nodes[each] for each in node.get("childIds", []) if each in nodes]
    return found


@pytest.mark.parametrize("name", ["year", "amount"])
def test_all_that_is_heard_of_a_drawing_leads_to_its_records(visit, name):
    found = heard(visit("/"), f"#chart-{name} svg")

    assert len(found) > 3
    assert {role for role, _name, _more in found} == {"link"}
    assert all(name and not more for _role, name, more in found)


def test_a_map_is_heard_and_reached_only_as_the_list_beside_it(visit):
    page = visit("/")
    tiles, listed = page.locator("a.tile"), page.locator(".tile-list a")

    assert heard(page, ".map") == []
    assert {tile.get_attribute("href") for tile in tiles.all()} < {link.get_attribute("href") for link in listed.all()}
    assert {tile.get_attribute("tabindex") for tile in tiles.all()} == {"-1"}
