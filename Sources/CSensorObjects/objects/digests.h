/* SPDX-License-Identifier: Apache-2.0 */
/* Written by make -C bpf. */
/* e02111e3ae5a50550ef74332ef60882778dd76cb4103c2b5e82c284aeb1d212e  ringfence_x86_64.bpf.o */
/* 5bc158a899bd00c5eeeaa02b8f08c1be48430aeede0f2b3259e4ef1e56423bf3  ringfence_arm64.bpf.o */
