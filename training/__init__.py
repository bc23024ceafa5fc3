"""What can be learned: conversion and churn models, kept in MLflow."""
