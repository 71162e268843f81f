// SPDX-License-Identifier: Apache-2.0

/// The help texts.
enum Usage {
    /// What help can be asked for.
    enum Topic { case tool, record, seccompGenerate, run, verify, trace }

    static let tool = """
        Records what a program or a container does, and makes a seccomp profile of it.

        usage: ringfence VERB [OPTIONS]

        by itself, without a daemon:

          record [OPTIONS] -- COMMAND          run COMMAND and record it
          record --container NAME [OPTIONS]    record a container
          seccomp generate FILE|KEY [OPTIONS]  make a seccomp profile from a behaviour profile
          seccomp diff|lint|prove|explain ...  compare, judge, prove and explain seccomp profiles
          seccomp merge|complete|simulate ...  what is known over several runs, and what a profile would break
          run --seccomp FILE -- COMMAND        run COMMAND under a seccomp profile
          verify --seccomp FILE -- COMMAND     run it and list every call that the profile denied

        what the daemon sees:

          status                               how the daemon stands
          containers [CONTAINER]               what is watched, how well it is known, and its risk
          containers --explain CONTAINER       what it was given, and what its risk is made of
          network [CONTAINER]                  who talks to whom; as table, graph or packet filter
          alerts [-f]                          what was out of the ordinary
          explain ID                           the whole story of an alert
          trace CONTAINER [OPTIONS]            every call of a container, live
          audit [--verify]                     who did what to the watching

        what is decided:

          allow ID --reason TEXT               what an alert reports is meant to be so
          profile list|show|diff|export        look at profiles
          profile approve|hold|reject|merge    decide about them
          profile relearn|lock|unlock|import   begin again, keep as it is, bring a recording
          containers --approve|--inventory     what is meant to run; all else raises an alert
          reload                               have the daemon read its configuration again

          version                              print the version

        `ringfence VERB --help` explains each.

        """

    static func of(_ topic: Topic) -> String {
        switch topic {
        case .tool: tool
        case .seccompGenerate:
            "usage: ringfence seccomp generate FILE|KEY [OPTIONS]\n\n"
                + "of a file that record wrote, or of the daemon's profile with that key\n"
                + "exit status 1 if calls of the never-allow list were seen and left out\n\n"
                + options(SeccompGenerateCommand.options)
        case .trace:
            "usage: ringfence trace CONTAINER [OPTIONS]\n\n"
                + "every call, live, without ptrace; \"!\" marks what the container's profile does not allow\n\n"
                + options(TraceCommand.options)
        case .run:
            "usage: ringfence run --seccomp FILE [OPTIONS] -- COMMAND [ARGUMENT ...]\n\n" + options(RunCommand.options)
        case .verify:
            "usage: ringfence verify --seccomp FILE [OPTIONS] -- COMMAND [ARGUMENT ...]\n"
                + "       ringfence verify --seccomp FILE [--check COMMAND] [--bisect] [OPTIONS] -- docker|podman|runc|crun run ...\n\n"
                + "exit status 0 if COMMAND succeeds, or the container works, and nothing but intended fallbacks was denied\n"
                + "a container is started under the profile; its check finds its name in RINGFENCE_CONTAINER, and its first process's id in RINGFENCE_PID\n\n"
                + options(VerifyCommand.options)
        case .record:
            "usage: ringfence record [OPTIONS] -- COMMAND [ARGUMENT ...]\n"
                + "       ringfence record --container NAME|ID|GLOB [OPTIONS] [-- COMMAND ...]\n"
                + "       ringfence record (--cgroup PATH | --unit NAME | --pid PID) [OPTIONS]\n\n"
                + "exit status: COMMAND's; 1 if it is 0 and --seccomp left out calls of the never-allow list\n\n"
                + options(RecordOptions.all)
        }
    }

    static func options(_ options: [ParsedArguments.Option]) -> String {
        var table = TextTable(.left, .left)
        for option in options {
            table.add(option.names.joined(separator: ", ") + (option.value.map { " " + $0 } ?? ""), option.help)
        }
        return table.lines().joined(separator: "\n") + "\n"
    }
}
