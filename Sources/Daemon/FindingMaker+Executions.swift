// SPDX-License-Identifier: Apache-2.0
import Alerts
import Containers
import Detection
import Events
import Platform
import Profiles

/// Known executables that somebody else executes or whose file is another one, and rights that nobody had.
extension FindingMaker {
    /// Names that a sentence gives before it only counts.
    private static let nameLimit = 5

    /// An executable that one has executed that never did before. `record` is that of the first time, if there was one.
    func parent(
        _ parent: String, of child: String, _ edge: EdgeSnapshot, _ sub: SubSnapshot?, _ record: Record?,
        _ entry: WatchBoard.Entry
    ) -> Finding {
        let known = (entry.parents[child] ?? []).sorted()
        let more = known.count > Self.nameLimit ? " and \(known.count - Self.nameLimit) more" : ""
        var detail =
            known.isEmpty
            ? "\(child) was only ever a container's first program, or a session's"
            : "\(child) was only ever executed by \(known.prefix(Self.nameLimit).joined(separator: ", "))\(more)"
        if parent == Learner.otherExecutables {
            detail += "; who did it now is one of more executables than are told apart"
        }
        return finding(
            .newParent, FindingItem(.parent, ProfileEntry.pair(child, parent)), .middle, at: edge.firstNanoseconds,
            record, Self.process(of: sub, pid: edge.pid), slot: edge.slot, detail, entry)
    }

    /// A user or capabilities that no process had before.
    func rights(
        _ name: CredentialName, _ seen: CredentialSnapshot, _ sub: SubSnapshot?, _ record: Record?,
        _ entry: WatchBoard.Entry
    ) -> Finding {
        let known = entry.credentials.known(to: name)
        let users =
            known.isAnyUser
            ? (known.users.contains(0) ? "any user" : "any user but root")
            : known.users.isEmpty ? "no user" : Quantity.users(known.users.sorted().prefix(Self.nameLimit))
        let capabilities = known.capabilities.isEmpty ? "no capability" : "\(known.capabilities.count) capabilities"
        var detail = "the profile knows \(users) and \(capabilities)"
        if name.isOfSession { detail += " of the workload and of exec sessions" }
        if name.isInUserNamespace { detail += " in user namespaces, where rights reach no further than these" }
        var callClass = CallClass.high
        if case .uid(let uid) = name.right, uid != 0 { callClass = .middle }
        return finding(
            .newCredentials, FindingItem(.credential, name.text), callClass, at: seen.firstNanoseconds, record,
            Self.process(of: sub, pid: seen.pid), slot: seen.slot, detail, entry)
    }

    /// That an executable's file, which comes from `origin` now, was learned from somewhere else; nil if it is right.
    func replaced(_ record: Record, by origin: FileOrigin, _ entry: WatchBoard.Entry) -> Finding? {
        guard let known = entry.origins[record.executableName], !known.contains(origin.name) else { return nil }
        let wall = moment(record.timeNanoseconds).wall
        let learned = known.sorted().map(Self.place).joined(separator: " or ")
        return finding(
            .replacedExecutable, FindingItem(.replacedExecutable, record.executableName), .high,
            at: record.timeNanoseconds, record, process(record), slot: record.slot,
            "\(ExecutableOrigin.words(origin, wall: wall)); it was learned \(learned)", entry)
    }

    /// Who executed what a record tells of; nil if that was set-up, or is not known any more.
    func parent(of record: Record) -> String? {
        guard let sub = record.parentSub.flatMap({ sub(at: $0) }), sub.slot == record.slot, !sub.isOther else {
            return nil
        }
        return sub.executableName
    }

    /// Who executed it, and for which script, as far as that is known.
    func story(of record: Record) -> String? {
        Self.join(parent(of: record).map { "it was executed by \($0)" }, optional: Self.script(of: record))
    }

    private static func script(of record: Record) -> String? {
        record.script.map { "it interprets \($0), as its caller named it" }
    }

    private static func place(_ origin: String) -> String {
        switch origin {
        case "image": "from the image"
        case "layer": "as one that was written in the container"
        case "memory": "from memory"
        default: "from a mount"
        }
    }

    private func finding(
        _ rule: AlertRule, _ item: FindingItem, _ callClass: CallClass, at nanoseconds: UInt64, _ record: Record?,
        _ process: AlertProcess, slot: UInt32?, _ detail: String, _ entry: WatchBoard.Entry
    ) -> Finding {
        var finding = Finding(
            rule: rule, item: item, time: moment(nanoseconds), container: entry.container,
            process: record.map { self.process($0, withArguments: true) } ?? process, profile: entry.standing,
            losses: losses(slot), weight: Score.points(callClass, maturity: entry.maturity),
            detail: record.map { Self.join(detail, optional: Self.script(of: $0)) ?? detail }
                ?? Self.join(detail, "its record was lost: the process's parents are not known"))
        finding.containerStart = entry.start
        return finding
    }
}

extension Quantity {
    /// "user 0", "users 0, 33".
    fileprivate static func users(_ users: some Collection<UInt32>) -> String {
        (users.count == 1 ? "user " : "users ") + users.map(String.init).joined(separator: ", ")
    }
}
