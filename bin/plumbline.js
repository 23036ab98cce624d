#!/usr/bin/env node

const { bootstrap } = require('./bootstrap');

bootstrap('plumbline', process.argv.slice(2));
