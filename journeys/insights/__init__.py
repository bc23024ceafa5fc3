"""What the journeys show: conversion between stages and steps, where they end, which paths are taken."""
