// SPDX-License-Identifier: Apache-2.0
internal import Events
internal import Platform

/// Judges a seccomp profile of any make.
package struct ProfileLint {
    let document: SeccompDocument
    let context: EngineContext
    /// What a runtime gets of it.
    let profile: OCISeccompProfile
    let verdicts: ProfileVerdicts
    let policy: FilterPolicy
    /// Who is to start under it, and whether with no_new_privs.
    let target: RuntimeNeeds.Target
    let noNewPrivileges: Bool
    private var findings: [LintFinding] = []

    private init(
        _ document: SeccompDocument, _ context: EngineContext, _ target: RuntimeNeeds.Target, _ noNewPrivileges: Bool
    ) {
        self.document = document
        self.context = context
        self.target = target
        self.noNewPrivileges = noNewPrivileges
        profile = document.resolved(for: context).profile
        verdicts = ProfileVerdicts(profile)
        policy = FilterPolicy(profile, machine: context.architecture)
        findings = document.flaws
    }

    /// Everything that is wrong with `document`, in the order of the file; what is about the whole comes first. What a call
    /// is answered is judged for `context`, and what a start needs for `target`.
    package static func findings(
        _ document: SeccompDocument, for context: EngineContext, target: RuntimeNeeds.Target = .any,
        noNewPrivileges: Bool = false
    ) -> [LintFinding] {
        var lint = ProfileLint(document, context, target, noNewPrivileges)
        lint.judgeRules()
        lint.judgeAnswers()
        lint.judgeCalls()
        lint.judgeArchitectures()
        lint.judgeFilter()
        return lint.findings.enumerated()
            .sorted {
                ($0.element.line ?? 0, $0.element.rule.rawValue, $0.offset)
                    < ($1.element.line ?? 0, $1.element.rule.rawValue, $1.offset)
            }
            .map(\.element)
    }

    mutating func add(_ rule: LintRule, line: Int? = nil, _ message: String, calls: [String] = []) {
        findings.append(LintFinding(rule, line: line, message, calls: calls))
    }

    /// The line of the first rule that counts here and names `call`.
    func line(of call: String) -> Int? {
        document.rules.first { $0.names.contains(call) && context.satisfies($0) }?.line
    }

    private mutating func judgeArchitectures() {
        if document.architectures.isEmpty, document.architectureMap.isEmpty {
            add(.noArchitecture, "no architecture is listed")
        }
        let foreign = document.architectures.filter {
            FilterArchitecture.foreign.contains($0) || FilterArchitecture(rawValue: $0)?.machine != context.architecture
        }
        if !foreign.isEmpty {
            add(
                .foreignArchitecture, line: document.architecturesLine,
                "of other machines: \(foreign.joined(separator: ", "))")
        }
        if profile.architectures.contains(.x32) {
            add(.x32, line: document.architecturesLine, "SCMP_ARCH_X32 is listed")
        }
        let compat = profile.architectures.filter { $0.abi == .compat }
        if let first = compat.first {
            add(.compatOpensNative, line: document.architecturesLine, "\(first.rawValue) is listed")
        }
    }

    private mutating func judgeFilter() {
        do throws(SeccompError) {
            let proof = try FilterProof(of: profile, machine: context.architecture)
            if let mismatch = proof.mismatch { add(.miscompiled, mismatch) }
        } catch {
            add(.miscompiled, "libseccomp \(CallCatalog.libraryVersion) does not compile it: \(error.reason)")
        }
    }
}
