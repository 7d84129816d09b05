"""Text goes out compressed where the browser asks for it, and plain where it does not."""

import gzip

ASKS = {"Accept-Encoding": "gzip, br"}


def test_page_is_compressed_when_asked_and_says_that_it_varies(app):
    client = app.test_client()
    plain = client.get("/who-sees-what")
    packed = client.get("/who-sees-what", headers=ASKS)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.vary
    assert "Accept-Encoding" in plain.vary
    assert len(packed.data) == packed.content_length < len(plain.data) / 2
    assert "<h1" in gzip.decompress(packed.data).decode()


def test_style_is_compressed_once_and_found_unchanged_afterwards(app):
    client = app.test_client()
    with client.get("/static/citizen.css", headers=ASKS) as first, client.get("/static/citizen.css") as plain:
        assert first.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(first.data) == plain.data
    with client.get("/static/citizen.css", headers=ASKS | {"If-None-Match": first.headers["ETag"]}) as again:
        assert (again.status_code, again.data) == (304, b"")


def test_small_answers_refusals_of_gzip_and_heads_stay_plain(app):
    client = app.test_client()
    assert "Content-Encoding" not in client.get("/healthz", headers=ASKS).headers
    assert "Content-Encoding" not in client.get("/", headers={"Accept-Encoding": "gzip;q=0"}).headers
    assert "Content-Encoding" not in client.head("/", headers=ASKS).headers


def test_the_same_page_is_the_same_bytes(app):
    client = app.test_client()
    assert client.get("/", headers=ASKS).data == client.get("/", headers=ASKS).data
