// SPDX-License-Identifier: Apache-2.0
import CommandLineTool
import Glibc

exit(CommandLineTool.run(CommandLine.arguments))
