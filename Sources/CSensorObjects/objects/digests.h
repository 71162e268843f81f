/* SPDX-License-Identifier: Apache-2.0 */
/* Written by make -C bpf. */
/* 55341a17695d049eae90376b3af2554482a36243f9c2665135ffc1113ebac49e  ringfence_x86_64.bpf.o */
/* 2a6beb068f5513facb2eae1858f8e6d0ebb044fe2c32176255ccf8a7d1626829  ringfence_arm64.bpf.o */
