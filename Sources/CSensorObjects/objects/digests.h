/* SPDX-License-Identifier: Apache-2.0 */
/* Written by make -C bpf. */
/* 7566bfe18a36cba5609c9537ae2b20df3679827823d32cbd38629a1d93ea69d2  ringfence_x86_64.bpf.o */
/* e34fa36ee6f6192fd7ea51636c13516698137e1f6a1a809acf8201c210337c44  ringfence_arm64.bpf.o */
