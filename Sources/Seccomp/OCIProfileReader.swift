// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials
internal import Platform

/// Decodes the `linux.seccomp` object and refuses every key, name and number that a runtime would drop or misread.
struct OCIProfileReader: Decodable {
    /// Why a file is refused.
    struct Refusal: Error {
        let reason: String
        let remedy: String
    }

    private(set) var profile: OCISeccompProfile
    private(set) var warnings: [String] = []

    private struct Key: CodingKey {
        let stringValue: String
        let intValue: Int? = nil
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { return nil }
    }

    private typealias Object = KeyedDecodingContainer<Key>

    init(from decoder: any Decoder) throws {
        let object = try decoder.container(keyedBy: Key.self)
        try Self.checkKeys(
            object, of: "the profile",
            known: [
                "defaultAction", "defaultErrnoRet", "architectures", "flags", "listenerPath", "listenerMetadata",
                "syscalls",
            ])
        let action = try Self.action(object, "defaultAction", of: "the profile")
        guard action != .notify else {
            throw Refusal(
                reason: "defaultAction is SCMP_ACT_NOTIFY, which runtimes refuse", remedy: "use another default action")
        }
        let number = try Self.number(object, "defaultErrnoRet", for: action, of: "the profile")
        profile = OCISeccompProfile(
            defaultAction: action, defaultErrnoRet: number, architectures: [],
            flags: try Self.optional([String].self, object, "flags"))
        for flag in profile.flags ?? [] where !Self.flags.contains(flag) {
            throw Refusal(
                reason: "unknown flag \(HostileText.escaped(flag))",
                remedy: "use \(Self.flags.sorted().joined(separator: ", "))")
        }
        for name in try Self.optional([String].self, object, "architectures") ?? [] {
            if let architecture = FilterArchitecture(rawValue: name) {
                profile.architectures.append(architecture)
            } else if FilterArchitecture.foreign.contains(name) {
                warnings.append("\(name) is left aside: this tool knows x86_64 and arm64 machines")
            } else {
                throw Refusal(
                    reason: "unknown architecture \(HostileText.escaped(name))", remedy: "use a SCMP_ARCH_ name")
            }
        }
        guard let rules = try Self.optional([Decoded].self, object, "syscalls") else { return }
        profile.syscalls = rules.map(\.rule)
    }

    static let flags: Set<String> = [
        "SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
        "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
    ]

    /// A rule as it is in the file.
    private struct Decoded: Decodable {
        let rule: OCISeccompProfile.Rule

        init(from decoder: any Decoder) throws {
            let object = try decoder.container(keyedBy: Key.self)
            let place = "rule \((decoder.codingPath.last?.intValue ?? 0) + 1)"
            try checkKeys(object, of: place, known: ["names", "action", "errnoRet", "args"])
            let action = try OCIProfileReader.action(object, "action", of: place)
            let names = try OCIProfileReader.optional([String].self, object, "names") ?? []
            guard !names.isEmpty else {
                throw Refusal(reason: "\(place) has no names", remedy: "name the calls it is for, or remove it")
            }
            if action == .notify, names.contains("write") {
                throw Refusal(
                    reason: "\(place) answers write with SCMP_ACT_NOTIFY, which runtimes refuse",
                    remedy: "take write out of the rule")
            }
            let args = try OCIProfileReader.optional([DecodedArgument].self, object, "args")?.map(\.argument)
            rule = OCISeccompProfile.Rule(
                names: names, action: action,
                errnoRet: try OCIProfileReader.number(object, "errnoRet", for: action, of: place),
                args: args?.isEmpty == true ? nil : args)
        }
    }

    private struct DecodedArgument: Decodable {
        let argument: OCISeccompProfile.Argument

        init(from decoder: any Decoder) throws {
            let object = try decoder.container(keyedBy: Key.self)
            let rule = decoder.codingPath.compactMap(\.intValue).first ?? 0
            let place = "a condition of rule \(rule + 1)"
            try checkKeys(object, of: place, known: ["index", "value", "valueTwo", "op"])
            let index = try Self.whole(object, "index", of: place)
            guard index < 6 else {
                throw Refusal(
                    reason: "\(place) is on argument \(index)", remedy: "calls have arguments 0 to 5")
            }
            let name = try object.decode(String.self, forKey: Key(stringValue: "op"))
            guard let comparison = OCISeccompProfile.Operator(rawValue: name) else {
                throw Refusal(
                    reason: "\(place) has the unknown operator \(HostileText.escaped(name))",
                    remedy: "use SCMP_CMP_EQ or SCMP_CMP_MASKED_EQ")
            }
            let two =
                object.contains(Key(stringValue: "valueTwo")) ? try Self.whole(object, "valueTwo", of: place) : nil
            argument = OCISeccompProfile.Argument(
                index: Int(index), value: try Self.whole(object, "value", of: place),
                valueTwo: comparison == .maskedEqual ? two ?? 0 : nil, op: comparison)
        }

        private static func isMissing(_ error: any Error) -> Bool {
            guard case .keyNotFound = error as? DecodingError else { return false }
            return true
        }

        /// A required number; the decoder's own error for one out of range does not tell which it was.
        private static func whole(_ object: Object, _ key: String, of place: String) throws -> UInt64 {
            do {
                return try object.decode(UInt64.self, forKey: Key(stringValue: key))
            } catch let error where !Self.isMissing(error) {
                throw Refusal(
                    reason: "\(place) has a \(key) that is not a whole number",
                    remedy: "write a number from 0 to 18446744073709551615")
            }
        }
    }

    /// Keys whose loss opens a profile: each is refused unless it is empty.
    private static let conditional: Set<String> = [
        "includes", "excludes", "archMap", "minKernel", "errno", "defaultErrno", "name",
    ]

    private static func checkKeys(_ object: Object, of place: String, known: Set<String>) throws {
        for key in object.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) {
            let name = key.stringValue
            guard !known.contains(name), name != "comment" else { continue }
            if conditional.contains(name) {
                if try object.decode(Emptiness.self, forKey: key).isEmpty { continue }
                throw Refusal(
                    reason: "\(place) has `\(name)`, which runtimes drop without a word; plain OCI is needed",
                    remedy: "resolve the engine's conditions for your capabilities and kernel first")
            }
            throw Refusal(
                reason: "\(place) has the unknown key \(HostileText.escaped(name))",
                remedy: "correct or remove it; known are \(known.sorted().joined(separator: ", "))")
        }
    }

    /// Whether a value is null, "", {} or [].
    private struct Emptiness: Decodable {
        let isEmpty: Bool

        init(from decoder: any Decoder) throws {
            if let object = try? decoder.container(keyedBy: Key.self) {
                isEmpty = object.allKeys.isEmpty
            } else if let list = try? decoder.unkeyedContainer() {
                isEmpty = list.isAtEnd
            } else {
                let value = try decoder.singleValueContainer()
                isEmpty = value.decodeNil() || (try? value.decode(String.self))?.isEmpty == true
            }
        }
    }

    private static func optional<Value: Decodable>(
        _ type: Value.Type, _ object: Object, _ key: String
    ) throws -> Value? {
        try object.decodeIfPresent(type, forKey: Key(stringValue: key))
    }

    private static func action(
        _ object: Object, _ key: String, of place: String
    ) throws -> OCISeccompProfile.Action {
        let name = try object.decode(String.self, forKey: Key(stringValue: key))
        guard let action = OCISeccompProfile.Action(rawValue: name) else {
            throw Refusal(
                reason: "\(place) has the unknown action \(HostileText.escaped(name))",
                remedy: "use SCMP_ACT_ALLOW, SCMP_ACT_ERRNO or another of the OCI specification")
        }
        return action
    }

    private static func number(
        _ object: Object, _ key: String, for action: OCISeccompProfile.Action, of place: String
    ) throws -> UInt32? {
        guard let number = try optional(UInt32.self, object, key) else { return nil }
        guard action.takesNumber else {
            throw Refusal(
                reason: "\(place) has \(key) with \(action.rawValue), which takes none", remedy: "remove \(key)")
        }
        guard number <= (action == .errno ? 4095 : 0xFFFF) else {
            throw Refusal(reason: "\(place) has \(key) \(number)", remedy: "error numbers end at 4095")
        }
        return number
    }

    /// A decoder's error in words, with the place it happened at.
    static func words(for error: any Error) -> String {
        guard let error = error as? DecodingError else { return "this is not JSON" }
        let (context, what): (DecodingError.Context, String) =
            switch error {
            case .keyNotFound(let key, let context): (context, "`\(HostileText.escaped(key.stringValue))` is missing")
            case .typeMismatch(_, let context): (context, "a value has the wrong type")
            case .valueNotFound(_, let context): (context, "a value is null")
            case .dataCorrupted(let context): (context, "a value cannot be read")
            @unknown default: (DecodingError.Context(codingPath: [], debugDescription: ""), "it cannot be decoded")
            }
        let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? HostileText.escaped($0.stringValue) }
        return path.isEmpty ? "\(what)" : "\(what) at \(path.joined(separator: "."))"
    }
}
