/* SPDX-License-Identifier: Apache-2.0 */
/* Written by make -C bpf. */
/* a31fc78bee06be494a75939f0f5a55ee379550ae9d913664b7f829fe2a018015  ringfence_x86_64.bpf.o */
/* 1c02a41f7de54b29e9a9f7431ef4754b9c814a1c21ee6c354ffbb5ee667c495d  ringfence_arm64.bpf.o */
