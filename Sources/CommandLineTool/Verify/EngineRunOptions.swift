// SPDX-License-Identifier: Apache-2.0

/// The words behind an engine's `run`: options up to the first operand, which is the image or the container's name.
struct EngineRunOptions {
    /// Which options take no value; every other does.
    struct Flags {
        let names: Set<String>

        /// docker-run(1), podman-run(1).
        static let ofEngines = Flags(names: [
            "-d", "--detach", "--disable-content-trust", "--env-host", "--help", "--http-proxy", "--init", "-i",
            "--interactive", "--no-healthcheck", "--no-hostname", "--no-hosts", "--oom-kill-disable", "--passwd",
            "--privileged", "-P", "--publish-all", "-q", "--quiet", "--read-only", "--read-only-tmpfs", "--replace",
            "--rm", "--rmi", "--rootfs", "--sig-proxy", "-t", "--tty", "--tls-verify", "--unsetenv-all",
        ])
        /// runc-run(8), crun(1).
        static let ofRuntimes = Flags(names: [
            "-d", "--detach", "--keep", "--no-subreaper", "--no-pivot", "--no-new-keyring",
        ])
    }

    /// All of them, in their order.
    let words: [String]
    /// What follows the options.
    let operands: [String]
    private var options: [(name: String, value: String?, words: Range<Int>)] = []

    init(_ words: [String], flags: Flags) {
        self.words = words
        var position = 0
        while position < words.count, words[position].hasPrefix("-"), words[position] != "-" {
            let word = words[position]
            let start = position
            position += 1
            guard word != "--" else { break }
            if word.hasPrefix("--") {
                let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
                var value = parts.count > 1 ? parts[1] : nil
                if value == nil, !flags.names.contains(word), position < words.count {
                    value = words[position]
                    position += 1
                }
                options.append((parts[0], value, start..<position))
                continue
            }
            // One letter or several: the first that takes a value takes the rest of the word, or the next word.
            var letters = word.dropFirst()
            while let letter = letters.popFirst() {
                let name = "-\(letter)"
                guard !flags.names.contains(name) else {
                    options.append((name, nil, start..<position))
                    continue
                }
                var value = String(letters.first == "=" ? letters.dropFirst() : letters)
                if value.isEmpty, position < words.count {
                    value = words[position]
                    position += 1
                }
                options.append((name, value, start..<position))
                break
            }
        }
        operands = Array(words[position...])
    }

    /// Whether one of these is set; `--name=false` is not.
    func has(_ names: String...) -> Bool {
        options.contains { names.contains($0.name) && $0.value != "false" }
    }

    /// The values of these, in their order.
    func values(_ names: String...) -> [String] {
        options.filter { names.contains($0.name) }.compactMap(\.value)
    }

    /// The words without these and their values.
    func without(_ names: String...) -> [String] {
        let left = options.filter { names.contains($0.name) }.flatMap { Array($0.words) }
        return words.indices.filter { !left.contains($0) }.map { words[$0] }
    }
}
