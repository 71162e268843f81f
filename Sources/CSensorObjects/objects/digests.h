/* SPDX-License-Identifier: Apache-2.0 */
/* Written by make -C bpf. */
/* c937c021a51c501c992dbb7ce4f1e46d14f2d69a79ca12c114f6ab5166785507  ringfence_x86_64.bpf.o */
/* 09824bbfc38331fdbeede1dd56fbc75d60b4162f7b55b8b5ebc6d5208f48ae73  ringfence_arm64.bpf.o */
