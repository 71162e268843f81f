// SPDX-License-Identifier: Apache-2.0

/// How a value that programs of another make kept becomes one of ours: member by member, by name. Numbers of other widths
/// are widened or cut, which is right on the little-endian machines that there are objects for.
struct LayoutReader {
    private struct Step {
        var from: Int
        var to: Int
        var count: Int
    }

    private var steps: [Step] = []
    private var offsets: [String: Int] = [:]
    /// Members of ours that the other layout has not, with dots: they are 0.
    private(set) var absent: Set<String> = []
    /// Arrays that are longer there: what does not fit is left out.
    private(set) var cut: Set<String> = []
    /// Arrays of bytes that differ in length: text in them is not where it is looked for.
    private(set) var moved: Set<String> = []

    /// What leads from the type `old` of one map to the type `new` of another.
    init(from old: UInt32, of source: borrowing MapTypes, to new: UInt32, of target: borrowing MapTypes) {
        follow(old, 0, source, new, 0, target, path: "")
        for (name, member) in source.members(of: old) { offsets[name] = member.offset }
    }

    /// Where a member of the whole is in the other layout, in bytes.
    func offset(of name: String) -> Int? { offsets[name] }

    /// Writes what `bytes` hold into a value that is all 0.
    func read<Value: BitwiseCopyable>(_ bytes: [UInt8], into value: inout Value) {
        unsafe withUnsafeMutableBytes(of: &value) { place in
            for step in steps where step.from + step.count <= bytes.count && step.to + step.count <= place.count {
                unsafe bytes.withUnsafeBytes { source in
                    // SAFETY: both ranges were checked above.
                    unsafe UnsafeMutableRawBufferPointer(rebasing: place[step.to..<step.to + step.count])
                        .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[step.from..<step.from + step.count]))
                }
            }
        }
    }

    private mutating func follow(
        _ old: UInt32, _ from: Int, _ source: borrowing MapTypes, _ new: UInt32, _ to: Int,
        _ target: borrowing MapTypes, path: String
    ) {
        switch (source.shape(of: old), target.shape(of: new)) {
        case (.scalar(let has), .scalar(let wants)): add(Step(from: from, to: to, count: min(has, wants)))
        case (.array(let oldElement, let has), .array(let newElement, let wants)):
            if case .scalar(bytes: 1)? = target.shape(of: newElement), has != wants { moved.insert(path) }
            if has > wants { cut.insert(path) }
            let (oldSize, newSize) = (source.size(of: oldElement), target.size(of: newElement))
            for index in 0..<min(has, wants) {
                follow(
                    oldElement, from + index * oldSize, source, newElement, to + index * newSize, target, path: path)
            }
        case (.structure, .structure):
            let known = source.members(of: old)
            for (name, member) in target.members(of: new).sorted(by: { $0.value.offset < $1.value.offset }) {
                let inner = path.isEmpty ? name : "\(path).\(name)"
                guard let place = known[name] else {
                    absent.insert(inner)
                    continue
                }
                follow(
                    place.type, from + place.offset, source, member.type, to + member.offset, target, path: inner)
            }
        default: absent.insert(path)
        }
    }

    /// Neighbours in both layouts are copied together.
    private mutating func add(_ step: Step) {
        if let last = steps.last, last.from + last.count == step.from, last.to + last.count == step.to {
            steps[steps.count - 1].count += step.count
        } else {
            steps.append(step)
        }
    }
}
