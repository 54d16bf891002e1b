import Testing

@testable import EventServer

@Suite("A media type")
struct MediaTypeTests {
    @Test(
        "is told by the end of the name",
        arguments: [
            ("a.html", "text/html; charset=utf-8"),
            ("/srv/A.HTML", "text/html; charset=utf-8"),
            ("a.tar.gz", "application/gzip"),
            (".hidden.css", "text/css; charset=utf-8"),
            ("./a.json", "application/json"),
            ("a.woff2", "font/woff2"),
            ("..png", "image/png"),
        ]
    )
    func known(path: String, type: String) { #expect(MediaType.ofFile(path) == type) }

    @Test(
        "is bytes for everything else",
        arguments: [
            "", "/", ".", "..", "a", "html", ".html", "a.", "a.html/", "a.html/b", "a.unknown", "a.html ", "a.\u{130}",
        ]
    )
    func unknown(path: String) { #expect(MediaType.ofFile(path) == "application/octet-stream") }
}
