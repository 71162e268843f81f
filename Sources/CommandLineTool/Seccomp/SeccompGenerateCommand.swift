// SPDX-License-Identifier: Apache-2.0
import Profiles
import Seccomp

/// `ringfence seccomp generate`: makes a seccomp profile from a behaviour profile.
enum SeccompGenerateCommand: Verb {
    static let options = GenerateRequest.options

    static var help: String { Usage.of(.seccompGenerate) }

    static func run(_ arguments: ParsedArguments) throws(CommandFailure) -> Int32 {
        let request = try GenerateRequest(arguments)
        let profile = try ProfileSource.load(request.source, try DaemonAddress(arguments))
        let output = try SeccompOutput(profile, options: request.options, form: request.form)
        try output.write(to: request.output)
        if !request.isQuiet || !output.generated.allowsEverythingSeen {
            let name = request.output == "-" ? "the profile" : request.output
            for line in output.lines(path: name, on: .error) { Terminal.error.line(line) }
        }
        return output.generated.allowsEverythingSeen ? 0 : 1
    }
}
