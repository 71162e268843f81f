/* SPDX-License-Identifier: Apache-2.0 */
/* Written by make -C bpf. */
/* 750bb7936ef8037335b47769a21096da228fba95c046c13899f87a8cc123e687  ringfence_x86_64.bpf.o */
/* a6f471c182d1c0ba47a5d9afa2898f42aa1d9e246f81af3bc0c380419029eadf  ringfence_arm64.bpf.o */
