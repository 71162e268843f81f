/* SPDX-License-Identifier: Apache-2.0 */
/* Written by make -C bpf. */
/* e9bc74dddc65a2840c44bcc53e34f8f25afb139565d4068b750a4e98de774030  ringfence_x86_64.bpf.o */
/* 2eec608f937d9412d62c1682b11983b4089e04327faf6e10f9720184937b375f  ringfence_arm64.bpf.o */
