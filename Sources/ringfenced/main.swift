// SPDX-License-Identifier: Apache-2.0
import Daemon
import Glibc

exit(DaemonProgram.run(CommandLine.arguments))
