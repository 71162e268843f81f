// SPDX-License-Identifier: Apache-2.0
internal import Events
internal import Platform

/// Makes a `SeccompDocument` of a file's values, and notes everything in them that readers reject, drop or misread.
struct DocumentReader {
    let subject: String
    private(set) var flaws: [LintFinding] = []
    private var isEngines = false
    private var isOperators = false

    init(subject: String) { self.subject = subject }

    mutating func document(_ root: SourceValue) throws(SeccompError) -> SeccompDocument {
        guard case .object = root.content else { throw refusal("the profile is no object") }
        isOperators = root["kind"]?.text == "SeccompProfile"
        if let kind = root["kind"]?.text, !isOperators {
            throw refusal("it is a \(HostileText.escaped(kind)), not a SeccompProfile")
        }
        guard let body = isOperators ? root["spec"] : root else { throw refusal("`spec` is missing") }
        guard let action = try action(body["defaultAction"], of: "the profile") else {
            throw refusal("`defaultAction` is missing or unknown")
        }
        var document = SeccompDocument(defaultAction: action)
        document.defaultLine = body["defaultAction"]?.line ?? 1
        keys(of: body, "the profile", known: Self.topKeys.union(isOperators ? ["baseProfileName", "disabled"] : []))
        if action == .notify {
            note(.rejectedByRuntimes, line: document.defaultLine, "defaultAction is SCMP_ACT_NOTIFY", calls: [])
        }
        if isOperators, let base = body["baseProfileName"], !base.isEmpty {
            note(
                .unknownKey, line: base.line, "baseProfileName: the base profile is in the cluster, not here", calls: []
            )
        }
        document.defaultErrnoRet = number(body, action, "defaultErrnoRet", "defaultErrno", of: "the profile")
        document.architectures = texts(body["architectures"], "architectures")
        document.architecturesLine = body["architectures"]?.line ?? 1
        architectures(&document, body)
        document.flags = texts(body["flags"], "flags").filter { flag in
            if OCIProfileReader.flags.contains(flag) { return true }
            note(
                .rejectedByRuntimes, line: body["flags"]?.line, "unknown flag \(HostileText.escaped(flag))", calls: [])
            return false
        }
        for entry in body["syscalls"]?.elements ?? [] { if let rule = rule(entry) { document.rules.append(rule) } }
        if let origin = body["source"] {
            let words = [origin["project"]?.text, origin["version"]?.text].compactMap(\.self)
            document.origin = words.isEmpty ? nil : HostileText.escaped(words.joined(separator: " "))
        }
        document.form = isOperators ? .securityProfilesOperator : isEngines ? .engine : .oci
        document.flaws = flaws
        return document
    }

    private static let topKeys: Set<String> = [
        "defaultAction", "defaultErrnoRet", "defaultErrno", "architectures", "archMap", "flags", "listenerPath",
        "listenerMetadata", "syscalls", "source", "comment",
    ]
    private static let ruleKeys: Set<String> = [
        "names", "name", "action", "errnoRet", "errno", "args", "includes", "excludes", "comment",
    ]

    mutating func note(_ rule: LintRule, line: Int?, _ message: String, calls: [String]) {
        flaws.append(LintFinding(rule, line: line, message, calls: calls))
    }

    private func refusal(_ reason: String) -> SeccompError {
        SeccompError(.read, subject, reason, remedy: "give an OCI seccomp profile or one of an engine")
    }

    /// Notes keys that no reader knows.
    private mutating func keys(of object: SourceValue, _ place: String, known: Set<String>) {
        for member in object.members where !known.contains(member.key) {
            note(
                .unknownKey, line: member.line,
                "\(place) has the key \(HostileText.escaped(member.key)), which readers drop", calls: [])
        }
    }

    private mutating func action(
        _ value: SourceValue?, of place: String
    ) throws(SeccompError) -> OCISeccompProfile.Action? {
        value?.text.flatMap(OCISeccompProfile.Action.init(rawValue:))
    }

    private mutating func texts(_ value: SourceValue?, _ key: String) -> [String] {
        guard let value, !value.isEmpty else { return [] }
        guard let elements = value.elements else {
            note(.rejectedByRuntimes, line: value.line, "\(key) is no list", calls: [])
            return []
        }
        return elements.compactMap(\.text)
    }

    private mutating func architectures(_ document: inout SeccompDocument, _ body: SourceValue) {
        for name in document.architectures
        where FilterArchitecture(rawValue: name) == nil && !FilterArchitecture.foreign.contains(name) {
            note(
                .rejectedByRuntimes, line: document.architecturesLine,
                "unknown architecture \(HostileText.escaped(name))", calls: [])
        }
        document.architectures.removeAll {
            FilterArchitecture(rawValue: $0) == nil && !FilterArchitecture.foreign.contains($0)
        }
        guard let map = body["archMap"], !map.isEmpty else { return }
        isEngines = true
        if document.architectures.isEmpty { document.architecturesLine = map.line }
        note(.conditionalField, line: map.line, "`archMap` names the architectures", calls: [])
        if !document.architectures.isEmpty {
            note(
                .rejectedByRuntimes, line: map.line,
                "`architectures` and `archMap` together, which Docker and Podman refuse",
                calls: [])
        }
        for entry in map.elements ?? [] {
            guard let name = entry["architecture"]?.text else { continue }
            document.architectureMap.append(
                (name, texts(entry["subArchitectures"], "subArchitectures")))
        }
    }

    private mutating func rule(_ entry: SourceValue) -> SeccompDocument.Rule? {
        var names = texts(entry["names"], "names")
        if let name = entry["name"], !name.isEmpty {
            isEngines = true
            note(.conditionalField, line: name.line, "`name` instead of `names`", calls: name.text.map { [$0] } ?? [])
            names.insert(contentsOf: [name.text].compactMap(\.self), at: 0)
        }
        keys(of: entry, "a rule", known: Self.ruleKeys)
        guard !names.isEmpty else {
            note(.rejectedByRuntimes, line: entry.line, "a rule without names", calls: [])
            return nil
        }
        guard let word = entry["action"]?.text, let action = OCISeccompProfile.Action(rawValue: word) else {
            note(
                .rejectedByRuntimes, line: entry["action"]?.line ?? entry.line,
                "the unknown action \(HostileText.escaped(entry["action"]?.text ?? "(none)"))", calls: names)
            return nil
        }
        var rule = SeccompDocument.Rule(line: entry.line, names: names, action: action)
        if action == .notify, names.contains("write") {
            note(.rejectedByRuntimes, line: entry.line, "SCMP_ACT_NOTIFY for write", calls: ["write"])
        }
        rule.errnoRet = number(entry, action, "errnoRet", "errno", of: "the rule for \(Self.list(names))")
        var isWhole = true
        for argument in entry["args"]?.elements ?? [] {
            guard let condition = self.argument(argument, names) else {
                isWhole = false
                continue
            }
            rule.arguments.append(condition)
        }
        // A rule that has lost a condition would say more than it did.
        guard isWhole else { return nil }
        rule.includes = conditions(entry["includes"], "includes", names)
        rule.excludes = conditions(entry["excludes"], "excludes", names)
        return rule
    }

    private mutating func argument(_ value: SourceValue, _ names: [String]) -> OCISeccompProfile.Argument? {
        keys(of: value, "a condition", known: ["index", "value", "valueTwo", "op"])
        // The operator's resource asks for no value, and leaves out one that is 0.
        let absent: UInt64? = isOperators && value["value"] == nil ? 0 : nil
        guard let index = value["index"]?.whole, index < 6, let first = value["value"]?.whole ?? absent else {
            note(
                .rejectedByRuntimes, line: value.line, "a condition without a good index or value", calls: names)
            return nil
        }
        guard let word = value["op"]?.text, let op = OCISeccompProfile.Operator(rawValue: word) else {
            note(
                .rejectedByRuntimes, line: value.line,
                "the unknown operator \(HostileText.escaped(value["op"]?.text ?? "(none)"))", calls: names)
            return nil
        }
        return OCISeccompProfile.Argument(
            index: Int(index), value: first, valueTwo: op == .maskedEqual ? value["valueTwo"]?.whole ?? 0 : nil, op: op)
    }

    private mutating func conditions(
        _ value: SourceValue?, _ key: String, _ names: [String]
    ) -> SeccompDocument.Conditions {
        var conditions = SeccompDocument.Conditions()
        guard let value, !value.isEmpty else { return conditions }
        isEngines = true
        note(.conditionalField, line: value.line, "`\(key)` decides on \(Self.list(names))", calls: names)
        keys(of: value, key, known: ["caps", "arches", "minKernel"])
        conditions.capabilities = texts(value["caps"], "caps")
        conditions.architectures = texts(value["arches"], "arches")
        conditions.minKernel = value["minKernel"]?.text.flatMap(EngineContext.kernel)
        return conditions
    }

    /// The error number of an action: by number, else by name.
    private mutating func number(
        _ object: SourceValue, _ action: OCISeccompProfile.Action, _ key: String, _ nameKey: String, of place: String
    ) -> UInt32? {
        let name = object[nameKey].flatMap { $0.isEmpty ? nil : $0 }
        let byName = name?.text.flatMap(ErrnoName.number)
        if let name {
            isEngines = true
            // Beside the number it only says the same again.
            if byName.map({ UInt64($0) }) != object[key]?.whole || byName == nil {
                note(
                    .conditionalField, line: name.line,
                    "`\(nameKey)` of \(place) is the name of an error, without its number", calls: [])
            }
        }
        guard let value = object[key], value.content != .null else { return byName.map { UInt32($0) } }
        guard action.takesNumber else {
            note(
                .numberWithoutUse, line: value.line, "\(place) has \(key) with \(action.rawValue), which takes none",
                calls: [])
            return nil
        }
        // Releases of the operator before 0.8.1 want a text here.
        let digits = isOperators ? value.text.flatMap { UInt64($0) } : nil
        guard let number = value.whole ?? digits, number <= (action == .errno ? 4095 : 0xFFFF) else {
            note(.rejectedByRuntimes, line: value.line, "\(place) has a \(key) that is no error number", calls: [])
            return byName.map { UInt32($0) }
        }
        return UInt32(number)
    }

    /// The first few of `names`.
    static func list(_ names: [String]) -> String {
        let shown = names.prefix(4).map { HostileText.escaped($0) }.joined(separator: ", ")
        return names.count > 4 ? "\(shown) and \(names.count - 4) more" : shown
    }
}
