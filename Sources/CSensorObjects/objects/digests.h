/* SPDX-License-Identifier: Apache-2.0 */
/* Written by make -C bpf. */
/* 2183a961c76e170d7405b0f10ef4318ec6aa9227bf72730c37bd057798599681  ringfence_x86_64.bpf.o */
/* e733f977cb0816234ec6ebca1e121b9f9877c54202535ff4cb5e5f2412633bec  ringfence_arm64.bpf.o */
