// SPDX-License-Identifier: Apache-2.0
import Platform
import Testing

@Suite("PathParts")
struct PathPartsTests {
    @Test(
        "a path is divided at its last slash",
        arguments: [
            ("/run/ringfence/control.sock", "/run/ringfence", "control.sock"), ("/vmlinuz", "/", "vmlinuz"),
            ("web.json", ".", "web.json"), ("out/web.json", "out", "web.json"), ("out/", "out", ""), ("/", "/", ""),
            ("", ".", ""), ("a//b", "a/", "b"),
        ])
    func divides(path: String, directory: String, name: String) {
        let parts = PathParts(path)
        #expect(parts.directory == directory && parts.name == name)
    }
}
