// SPDX-License-Identifier: Apache-2.0

/// Names by number and numbers by name, from a text of one `number name` pair a line. A long text compiles in no time
/// where an array literal of tuples takes seconds; it is parsed once, at first use.
struct NumberedNames: Sendable {
    private let names: [Int: String]
    private let numbers: [String: Int]

    init(_ text: StaticString) {
        var names: [Int: String] = [:]
        var numbers: [String: Int] = [:]
        for line in text.description.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 2, let number = Int(words[0]) else {
                preconditionFailure("not `number name`: \(line)")
            }
            names[number] = String(words[1])
            numbers[String(words[1])] = number
        }
        precondition(names.count == numbers.count, "a name or a number occurs twice")
        self.names = names
        self.numbers = numbers
    }

    subscript(_ number: Int) -> String? { names[number] }

    /// The number of `name`, or N of `#N` with N not negative and without a sign.
    func number(_ name: String) -> Int? {
        if let number = numbers[name] { return number }
        guard name.hasPrefix("#"), name.dropFirst().allSatisfy({ ("0"..."9").contains($0) }) else { return nil }
        return Int(name.dropFirst())
    }

    /// Every number and name, ascending by number.
    var entries: [(number: Int, name: String)] {
        names.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
