"""Data read by a program in a page of another site, as browsers allow it."""

from e2e.test_embedding import other_site

READ = """async address => {
    const response = await fetch(address, {headers: {"If-None-Match": 'W/"another"'}})  // the browser asks first
    return {status: response.status, link: response.headers.get("Link"), body: await response.json()}
}"""


def test_a_page_of_another_site_reads_a_list_an_error_and_what_is_not_there(visit, site):
    with other_site("<h1>A notebook</h1>") as address:
        page = visit()
        page.goto(address)
        first = page.evaluate(READ, f"{site}/tenders.json?limit=10")
        following = page.evaluate(READ, first["body"]["meta"]["next"])
        wrong = page.evaluate(READ, f"{site}/tenders.json?yaer=2019")
        missing = page.evaluate(READ, f"{site}/tenders/TW-000000.json")

    assert [first["status"], following["status"], wrong["status"], missing["status"]] == [200, 200, 400, 404]
    assert 'rel="next"' in first["link"]
    references = {row["reference"] for read in (first, following) for row in read["body"]["results"]}
    assert len(references) == 20
    assert wrong["body"]["type"] == f"{site}/data/api/#unknown-parameter"
    assert "Did you mean “year”?" in wrong["body"]["detail"]
    assert missing["body"]["type"] == f"{site}/data/api/#not-found"
