// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import Platform

/// systemd as process 1 of a machine of its own, see `.ci/engines/systemd-up`: what a person would do on a host that
/// systemd runs is done in there.
package enum BootedSystemd {
    /// Whether this machine has a systemd to boot.
    package static let isHere = FileTree.exists("/lib/systemd/systemd")
    /// The reason that skipped tests give.
    package static let needed = "needs systemd (apt-get install systemd)"
    /// What boots it.
    package static let script = Repository.path + "/.ci/engines/systemd-up"

    /// What the scripts of the tests can say.
    private static let words = #"""
        set -u
        # until_true SECONDS COMMAND...: waits for it.
        until_true() {
            end=$(($(date +%s) + $1)); shift
            until "$@"; do
                [ "$(date +%s)" -lt "$end" ] || { echo "timed out: $*" >&2; exit 99; }
                sleep 0.02
            done
        }
        is_recording() { grep -qs link_type "/proc/$1/fdinfo"/* && grep -q poll "/proc/$1/wchan"; }
        has_ended() { ! kill -0 "$1" 2>/dev/null; }
        # recording ARGUMENT...: starts `ringfence record` in the background and waits until it is attached.
        recording() {
            "$RINGFENCE" record -o "$WORKSPACE/p.json" "$@" >"$WORKSPACE/record.out" 2>"$WORKSPACE/record.err" &
            recorder=$!
            until_true 20 is_recording "$recorder"
        }
        # recorded: waits for its end; exits with its status if that is not 0.
        recorded() {
            until_true 20 has_ended "$recorder"
            wait "$recorder" || { status=$?; cat "$WORKSPACE/record.err" >&2; exit "$status"; }
        }
        # unit NAME LINE...: a service unit with these lines.
        unit() {
            file=/run/systemd/system/$1; shift
            { echo '[Service]'; printf '%s\n' "$@"; } >"$file"
            systemctl daemon-reload
        }
        cd "$WORKSPACE"

        """#

    /// Boots, runs a shell script there with the words above, and shuts down. This checkout, the workspace, the binary
    /// under test and the test programs are where they are here.
    package static func run(_ text: String, in workspace: Workspace, programs: [String] = []) throws -> Shell.Result {
        let script = try workspace.write(words + text, to: "script.sh")
        let directories =
            [Repository.path] + ([workspace.file(""), Ringfence.binary, script] + programs).map(directory)
        return try Shell.run(
            [
                Self.script, "env", "RINGFENCE=\(Ringfence.binary)", "WORKSPACE=\(workspace.path)", "sh", script,
            ], environment: ["RINGFENCE_SYSTEMD_SHARED": Set(directories).sorted().joined(separator: ":")], seconds: 120
        )
    }

    private static func directory(_ path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? path
    }
}
