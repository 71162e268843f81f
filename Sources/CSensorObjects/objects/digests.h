/* SPDX-License-Identifier: Apache-2.0 */
/* Written by make -C bpf. */
/* 68def58c9a9f9a7c6521a66146bd9e7f9829b490c30bdb327fa5425abac402a6  ringfence_x86_64.bpf.o */
/* 21d546dc0b5f15c01c7271633f23547e989bcef332adf59c3fba2889871b77c6  ringfence_arm64.bpf.o */
